#include "base/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/must.h"

static bool fail(char why[DRAFT_WHY_SIZE], const char *path, const char *doing, int cause)
{
    snprintf(why, DRAFT_WHY_SIZE, "%.400s can't be %s: %s", path, doing, strerror(cause));
    return false;
}

static bool refuse(char why[DRAFT_WHY_SIZE], const char *path, const char *what)
{
    snprintf(why, DRAFT_WHY_SIZE, "%.400s %s", path, what);
    return false;
}

/* What stands under the name already. */
static bool may_take_name(const struct draft *draft, char why[DRAFT_WHY_SIZE])
{
    struct stat about;
    if (stat(draft->path, &about) != 0)
        return errno == ENOENT || fail(why, draft->path, "made", errno);
    if (!S_ISREG(about.st_mode))
        return refuse(why, draft->path, "is no plain file");
    return draft->may_replace || refuse(why, draft->path, "is there already");
}

/* Another may have renamed or removed it between our open and our lock. */
static bool is_still_ours(const struct draft *draft)
{
    struct stat ours, named;
    return fstat(draft->file, &ours) == 0 && lstat(draft->partial, &named) == 0 &&
           ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

static bool take_partial(struct draft *draft, char why[DRAFT_WHY_SIZE])
{
    draft->file = open(draft->partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (draft->file < 0)
        return fail(why, draft->partial, "made", errno);
    bool is_locked = flock(draft->file, LOCK_EX | LOCK_NB) == 0;
    if (is_locked && is_still_ours(draft) && fchmod(draft->file, 0600) == 0 && ftruncate(draft->file, 0) == 0)
        return true;
    int cause = errno;
    close(draft->file); /* it is another's: it stays */
    draft->file = -1;
    return is_locked ? fail(why, draft->partial, "made anew", cause)
                     : refuse(why, draft->partial, "is being written by another process");
}

char *draft_partial(const char *path)
{
    char *partial = mem_new(strlen(path) + sizeof ".partial");
    strcpy(stpcpy(partial, path), ".partial");
    return partial;
}

bool draft_open(struct draft *draft, const char *path, bool may_replace, char why[DRAFT_WHY_SIZE])
{
    *draft = (struct draft){.path = mem_text(path), .partial = draft_partial(path), .file = -1, .may_replace = may_replace};
    if (may_take_name(draft, why) && take_partial(draft, why))
        return true;
    draft_wipe(draft);
    return false;
}

/* A name is on disk once its directory is. */
static bool sync_directory(const struct draft *draft)
{
    char *path = mem_text(draft->path);
    int directory = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(path);
    bool is_synced = directory >= 0 && fsync(directory) == 0;
    if (directory >= 0)
        close(directory);
    return is_synced;
}

/* Not every file system knows how not to replace: there somebody's file of the last instant would be lost. */
static int give_name(const struct draft *draft)
{
    if (draft->may_replace)
        return rename(draft->partial, draft->path);
    if (renameat2(AT_FDCWD, draft->partial, AT_FDCWD, draft->path, RENAME_NOREPLACE) == 0)
        return 0;
    return errno == EINVAL || errno == ENOSYS ? rename(draft->partial, draft->path) : -1;
}

bool draft_keep(struct draft *draft, char why[DRAFT_WHY_SIZE])
{
    if (fsync(draft->file) != 0)
        return fail(why, draft->partial, "written", errno);
    if (give_name(draft) != 0)
        return errno == EEXIST ? refuse(why, draft->path, "has come meanwhile")
                               : fail(why, draft->path, "made", errno);
    close(draft->file);
    draft->file = -1;
    if (sync_directory(draft))
        return true;
    snprintf(why, DRAFT_WHY_SIZE, "%.400s stands there, whole; but its directory can't be synced, so a power cut may take its name: %s",
             draft->path, strerror(errno));
    return false;
}

void draft_wipe(struct draft *draft)
{
    if (draft->file >= 0) {
        unlink(draft->partial);
        close(draft->file);
    }
    free(draft->path);
    free(draft->partial);
    *draft = (struct draft){.file = -1};
}
