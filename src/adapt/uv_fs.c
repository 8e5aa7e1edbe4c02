/* libuv's requests of files: each runs on the pool, and calls back on the loop in the task it was made in.
 * Without a callback it is done at once. */
#include "adapt/uv.h"

#include "capture/hooks.h"

#define LIST(...) __VA_ARGS__

/* What stands between the request and the callback: `arguments` in parentheses, then the parameters. */
#define REQUEST(name, arguments, ...)                                                              \
    int ms_adapt_##name(uv_loop_t *loop, uv_fs_t *request, __VA_ARGS__, uv_fs_cb callback) {       \
        ms_uv_start start;                                                                         \
        void *ours =                                                                               \
            ms_uv_request(&start, request, NULL, (void *)callback, MS_KIND(#name), MS_FRAME);      \
        return ms_uv_started(&start, MS_REAL(name)(loop, request, LIST arguments, ours));          \
    }

REQUEST(uv_fs_close, (file), uv_file file)
REQUEST(uv_fs_open, (path, flags, mode), const char *path, int flags, int mode)
REQUEST(uv_fs_read, (file, buffers, count, offset), uv_file file, const uv_buf_t *buffers,
        unsigned count, int64_t offset)
REQUEST(uv_fs_unlink, (path), const char *path)
REQUEST(uv_fs_write, (file, buffers, count, offset), uv_file file, const uv_buf_t *buffers,
        unsigned count, int64_t offset)
REQUEST(uv_fs_copyfile, (path, new_path, flags), const char *path, const char *new_path, int flags)
REQUEST(uv_fs_mkdir, (path, mode), const char *path, int mode)
REQUEST(uv_fs_mkdtemp, (tpl), const char *tpl)
REQUEST(uv_fs_mkstemp, (tpl), const char *tpl)
REQUEST(uv_fs_rmdir, (path), const char *path)
REQUEST(uv_fs_scandir, (path, flags), const char *path, int flags)
REQUEST(uv_fs_opendir, (path), const char *path)
REQUEST(uv_fs_readdir, (dir), uv_dir_t *dir)
REQUEST(uv_fs_closedir, (dir), uv_dir_t *dir)
REQUEST(uv_fs_stat, (path), const char *path)
REQUEST(uv_fs_fstat, (file), uv_file file)
REQUEST(uv_fs_rename, (path, new_path), const char *path, const char *new_path)
REQUEST(uv_fs_fsync, (file), uv_file file)
REQUEST(uv_fs_fdatasync, (file), uv_file file)
REQUEST(uv_fs_ftruncate, (file, offset), uv_file file, int64_t offset)
REQUEST(uv_fs_sendfile, (out_fd, in_fd, in_offset, length), uv_file out_fd, uv_file in_fd,
        int64_t in_offset, size_t length)
REQUEST(uv_fs_access, (path, mode), const char *path, int mode)
REQUEST(uv_fs_chmod, (path, mode), const char *path, int mode)
REQUEST(uv_fs_utime, (path, atime, mtime), const char *path, double atime, double mtime)
REQUEST(uv_fs_futime, (file, atime, mtime), uv_file file, double atime, double mtime)
REQUEST(uv_fs_lutime, (path, atime, mtime), const char *path, double atime, double mtime)
REQUEST(uv_fs_lstat, (path), const char *path)
REQUEST(uv_fs_link, (path, new_path), const char *path, const char *new_path)
REQUEST(uv_fs_symlink, (path, new_path, flags), const char *path, const char *new_path, int flags)
REQUEST(uv_fs_readlink, (path), const char *path)
REQUEST(uv_fs_realpath, (path), const char *path)
REQUEST(uv_fs_fchmod, (file, mode), uv_file file, int mode)
REQUEST(uv_fs_chown, (path, uid, gid), const char *path, uv_uid_t uid, uv_gid_t gid)
REQUEST(uv_fs_fchown, (file, uid, gid), uv_file file, uv_uid_t uid, uv_gid_t gid)
REQUEST(uv_fs_lchown, (path, uid, gid), const char *path, uv_uid_t uid, uv_gid_t gid)
REQUEST(uv_fs_statfs, (path), const char *path)
