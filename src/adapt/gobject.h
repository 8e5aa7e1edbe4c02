/* gobject.h - GObject as gobject.def needs it, named as its own headers do, which are not needed here. What
 * is told of an object: its making, each reference with the stack of who took or dropped it, its type, and
 * its own count at that moment, for not every reference passes by here. */
#ifndef MS_ADAPT_GOBJECT_H
#define MS_ADAPT_GOBJECT_H

#include <stdarg.h>

#include "adapt/route.h"

typedef char gchar;
typedef int gboolean;
typedef unsigned int guint;
typedef void *gpointer;
typedef unsigned long gsize;
typedef gsize GType;
typedef struct _GObject GObject;
typedef struct _GValue GValue;
typedef struct _GParameter GParameter;
typedef struct _GTypeQuery GTypeQuery;
typedef void (*GWeakNotify)(gpointer data, GObject *where_the_object_was);
typedef void (*GToggleNotify)(gpointer data, GObject *object, gboolean is_last_ref);

#define MS_ENTRY MS_DECLARE_ENTRY
#define MS_NEEDED MS_DECLARE_NEEDED
#include "adapt/gobject.def"
#undef MS_ENTRY
#undef MS_NEEDED

#endif
