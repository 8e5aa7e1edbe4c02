/* svg_style.h - how the page looks, by day, by night and on paper. Inside the SVG exporter only. */
#ifndef MS_EXPORT_SVG_STYLE_H
#define MS_EXPORT_SVG_STYLE_H

#include "export/svg_draw.h"

#define MS_SVG_HUES 7u  /* classes hue-0 .. hue-6, and hue-other */
#define MS_SVG_HEATS 9u /* classes heat-1 .. heat-9, from few to many */

void ms_svg_style(ms_svg *svg);

#endif
