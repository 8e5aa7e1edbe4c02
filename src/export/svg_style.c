#include "export/svg_style.h"

/* Plain properties, no variables: many viewers of pictures know no more. */
static const char shapes[] =
    "text{font:13px system-ui,\"Segoe UI\",\"DejaVu Sans\",sans-serif}\n"
    ".name{font:12px ui-monospace,\"DejaVu Sans Mono\",Consolas,monospace}\n"
    ".code{font:11px ui-monospace,\"DejaVu Sans Mono\",Consolas,monospace;pointer-events:none}\n"
    ".program{font-size:24px;font-weight:600}.heading{font-size:16px;font-weight:600}\n"
    ".big{font-size:21px;font-weight:600}.remark,.value{font-size:12px}.tick{font-size:11px}\n"
    ".peak-label{font-size:12px;font-weight:600}.value{font-variant-numeric:tabular-nums}\n"
    ".end{text-anchor:end}.middle{text-anchor:middle}\n"
    ".edge,.rss,.ring,.arc,.nothing{fill:none}.edge,.rss,.trend,.peak,.mark,.rule{stroke-width:1.5}"
    "\n"
    ".edge{stroke-linejoin:round}.nothing{stroke-dasharray:4 4}.peak{stroke-dasharray:6 4}\n"
    ".trend{stroke-dasharray:2 4}.ring,.arc{stroke-width:9}\n";

typedef struct tint {
    const char *selector, *property, *light, *dark;
} tint;

/* Colours of categories are Okabe and Ito's, which everybody can tell apart; they are the dashboard's. */
static const tint tints[] = {
    {"text", "fill", "#14181d", "#e9edf1"},
    {".label,.remark", "fill", "#48515b", "#b4bdc7"},
    {".tick", "fill", "#626c77", "#929da8"},
    {".peak-label", "fill", "#a84300", "#ff9a5c"},
    {".page", "fill", "#ffffff", "#14181d"},
    {".rule,.mark", "stroke", "#14181d", "#e9edf1"},
    {".grid,.nothing", "stroke", "#dde1e5", "#2b3138"},
    {".track", "fill", "#eef0f2", "#22272d"},
    {".ring", "stroke", "#e3e6e9", "#272c33"},
    {".bar,.low", "fill", "#56a3cf", "#3f86b0"},
    {".kept,.high", "fill", "#d55e00", "#f0803c"},
    {".medium", "fill", "#e69f00", "#e69f00"},
    {".area", "fill", "#cce8f7", "#1d4157"},
    {".edge,.arc", "stroke", "#0072b2", "#6cc1f2"},
    {".peak", "stroke", "#a84300", "#ff9a5c"},
    {".trend", "stroke", "#48515b", "#b4bdc7"},
    {".rss", "stroke", "#9a5c86", "#d79bbf"},
    {".frame", "stroke", "#ffffff", "#14181d"},
    {".heat-1", "fill", "#d8e6ef", "#14303f"},
    {".heat-2", "fill", "#b9d5e6", "#174157"},
    {".heat-3", "fill", "#93c0db", "#1b536f"},
    {".heat-4", "fill", "#6aa8cd", "#226888"},
    {".heat-5", "fill", "#4490bd", "#2f80a3"},
    {".heat-6", "fill", "#2778a9", "#479bbd"},
    {".heat-7", "fill", "#17618f", "#69b5d3"},
    {".heat-8", "fill", "#0e4b72", "#94cfe6"},
    {".heat-9", "fill", "#083452", "#c7e8f5"},
    {".hue-0", "fill", "#a9d5ee", "#1f4f69"},
    {".hue-1", "fill", "#f3d190", "#6a4e16"},
    {".hue-2", "fill", "#9edcc6", "#1d5a47"},
    {".hue-3", "fill", "#e9bdd6", "#643b53"},
    {".hue-4", "fill", "#f3b48a", "#6e401f"},
    {".hue-5", "fill", "#f0e79a", "#5d5720"},
    {".hue-6", "fill", "#bccbe0", "#37455a"},
    {".hue-other,.info,.other", "fill", "#d3d7db", "#3c4248"},
};

static void write_tints(ms_svg *svg, bool dark) {
    for (size_t i = 0; i < sizeof tints / sizeof tints[0]; i++)
        ms_sink_printf(svg->sink, "%s{%s:%s}\n", tints[i].selector, tints[i].property,
                       dark ? tints[i].dark : tints[i].light);
}

/* Paper is white whatever the screen is. */
void ms_svg_style(ms_svg *svg) {
    ms_sink_printf(svg->sink, "<style>\n%s", shapes);
    write_tints(svg, false);
    ms_sink_text(svg->sink, "@media screen and (prefers-color-scheme:dark){\n");
    write_tints(svg, true);
    ms_sink_text(svg->sink, "}\n</style>\n");
}
