#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "util/utf8.h"

/* Shows `text` with everything a terminal would act on written out. */
static void put_escaped(FILE *out, const char *text) {
    while (*text) {
        ms_utf8 character = ms_utf8_at(text);
        if (!character.valid || ms_utf8_is_control(character.code))
            for (size_t i = 0; i < character.size; i++)
                fprintf(out, "\\x%02x", (unsigned char)text[i]);
        else
            fwrite(text, 1, character.size, out);
        text += character.size;
    }
}

void ms_say(const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fflush(stdout);
    fputs("memscope: ", stderr);
    put_escaped(stderr, text);
    fputc('\n', stderr);
}

int ms_say_error(const ms_error *error) {
    ms_say("%s", error->message);
    return ms_err_exit_status(error->code);
}

int ms_finish_stdout(int status) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    ms_error error;
    ms_fail(&error, MS_ERR_OUTPUT, "cannot write to stdout: %s", strerror(errno));
    return ms_say_error(&error);
}
