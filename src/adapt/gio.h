/* gio.h - GIO, as far as adapters need it: gio.def, with types as in glib.h. */
#ifndef MS_ADAPT_GIO_H
#define MS_ADAPT_GIO_H

#include "adapt/glib.h"

typedef unsigned long gsize;
typedef unsigned short guint16;
typedef struct _GTask GTask;
typedef struct _GAsyncResult GAsyncResult;
typedef struct _GBytes GBytes;
typedef struct _GCancellable GCancellable;
typedef struct _GDBusAuthObserver GDBusAuthObserver;
typedef struct _GDBusConnection GDBusConnection;
typedef struct _GDBusInterfaceInfo GDBusInterfaceInfo;
typedef struct _GDBusProxy GDBusProxy;
typedef struct _GDataInputStream GDataInputStream;
typedef struct _GFile GFile;
typedef struct _GFileEnumerator GFileEnumerator;
typedef struct _GIOStream GIOStream;
typedef struct _GInputStream GInputStream;
typedef struct _GOutputStream GOutputStream;
typedef struct _GResolver GResolver;
typedef struct _GSocketClient GSocketClient;
typedef struct _GSocketConnectable GSocketConnectable;
typedef struct _GSocketListener GSocketListener;
typedef struct _GSubprocess GSubprocess;
typedef struct _GVariant GVariant;
typedef struct _GVariantType GVariantType;

#ifndef __G_IO_H__
typedef unsigned GBusType, GBusNameOwnerFlags, GBusNameWatcherFlags, GDBusCallFlags,
    GDBusConnectionFlags, GDBusProxyFlags, GFileCreateFlags, GFileQueryInfoFlags,
    GOutputStreamSpliceFlags; /* enumerations */
typedef ms_callback *GAsyncReadyCallback, *GTaskThreadFunc, *GBusAcquiredCallback,
    *GBusNameAcquiredCallback, *GBusNameLostCallback, *GBusNameAppearedCallback,
    *GBusNameVanishedCallback;
#endif

#define MS_ENTRY MS_DECLARE_ENTRY
#define MS_NEEDED MS_DECLARE_NEEDED
#include "adapt/gio.def"
#undef MS_ENTRY
#undef MS_NEEDED

#endif
