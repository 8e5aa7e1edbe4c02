/* svg_panels.h - what the page shows, panel by panel. Inside the SVG exporter only.
 *
 * A panel draws itself from its top on and returns the y of its end. One whose data were not recorded says
 * so, and how to record them; none shows zeros instead. */
#ifndef MS_EXPORT_SVG_PANELS_H
#define MS_EXPORT_SVG_PANELS_H

#include "export/svg_draw.h"

typedef double ms_svg_panel(ms_svg *svg, ms_panel at);

ms_svg_panel ms_svg_head;      /* what ran, how it ended, what was recorded of it */
ms_svg_panel ms_svg_gauges;    /* the totals, and what are parts of a whole as arcs */
ms_svg_panel ms_svg_findings;  /* the worst */
ms_svg_panel ms_svg_timeline;  /* live bytes over time, the peak, the trend; resident memory */
ms_svg_panel ms_svg_peak;      /* who held the peak */
ms_svg_panel ms_svg_live;      /* who holds what is live at the end */
ms_svg_panel ms_svg_calls;     /* the calls that lead to what was live at the peak, as an icicle */
ms_svg_panel ms_svg_types;     /* types at the peak */
ms_svg_panel ms_svg_sizes;     /* blocks by size */
ms_svg_panel ms_svg_heat;      /* blocks by size and lifetime */
ms_svg_panel ms_svg_variables; /* tracked variables from birth to death */
ms_svg_panel ms_svg_legend;    /* what colours mean, what the numbers rest on */

#endif
