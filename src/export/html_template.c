#include "export/html_template.h"

/* MS_DASHBOARD is the path of the built page. */
__asm__(".pushsection .rodata\n"
        ".hidden ms_html_template_begin, ms_html_template_end\n"
        ".globl ms_html_template_begin, ms_html_template_end\n"
        "ms_html_template_begin:\n"
        ".incbin \"" MS_DASHBOARD "\"\n"
        "ms_html_template_end:\n"
        ".popsection\n");

extern const char ms_html_template_begin[] __attribute__((visibility("hidden")));
extern const char ms_html_template_end[] __attribute__((visibility("hidden")));

const char *ms_html_template(size_t *size) {
    *size = (size_t)(ms_html_template_end - ms_html_template_begin);
    return ms_html_template_begin;
}
