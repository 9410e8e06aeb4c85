/* world: what a story has instead of clock.c. Time stands still until the story moves it, and the
 * disk is as full or as broken as the story says. Both are in a small file that the story and the
 * gateway share (ASSENT_WORLD; tests/lib/world.py writes it).
 *
 * The disk is SQLite's default VFS with one question before each write and each fsync. Nothing else
 * of the gateway differs from the binary that is installed.
 */
#include "base/clock.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/must.h"

enum disk_mode { DISK_FINE, DISK_FULL, DISK_FSYNC_FAILS, DISK_WRITE_FAILS, DISK_STALLS };

struct world {
    char magic[8];
    int64_t wall_ms;
    int64_t mono_ms;
    uint32_t disk_mode;
    uint32_t is_stalled; /* the gateway's: an fsync has begun, and waits for the disk to be fine */
};

static const char magic[8] = {'A', 'S', 'S', 'E', 'N', 'T', 'W', '1'};
static struct world *world;

static _Noreturn void world_missing(const char *why)
{
    fprintf(stderr, "world: ASSENT_WORLD %s\n", why);
    abort();
}

static void world_open(void)
{
    const char *path = getenv("ASSENT_WORLD");
    if (path == NULL)
        world_missing("is not set: this binary only runs inside a story");
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0)
        world_missing("cannot be opened");
    void *shared = mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (shared == MAP_FAILED)
        world_missing("cannot be mapped");
    world = shared;
    if (memcmp(world->magic, magic, sizeof magic) != 0)
        world_missing("is not a world");
}

int64_t clock_machine_ms(void)
{
    return __atomic_load_n(&world->wall_ms, __ATOMIC_ACQUIRE);
}

int64_t clock_mono_ms(void)
{
    return __atomic_load_n(&world->mono_ms, __ATOMIC_ACQUIRE);
}

static enum disk_mode disk_mode(void)
{
    return (enum disk_mode)__atomic_load_n(&world->disk_mode, __ATOMIC_ACQUIRE);
}

/* One file of the disk: ours in front, the real one behind it in the same piece of memory. */
struct disk_file {
    sqlite3_file base;
    sqlite3_file *real;
};

static sqlite3_vfs *real_vfs;

static sqlite3_file *real_file(sqlite3_file *file)
{
    return ((struct disk_file *)file)->real;
}

static int disk_close(sqlite3_file *file)
{
    return real_file(file)->pMethods->xClose(real_file(file));
}

static int disk_read(sqlite3_file *file, void *to, int size, sqlite3_int64 at)
{
    return real_file(file)->pMethods->xRead(real_file(file), to, size, at);
}

static int disk_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 at)
{
    if (disk_mode() == DISK_FULL)
        return SQLITE_FULL;
    if (disk_mode() == DISK_WRITE_FAILS)
        return SQLITE_IOERR_WRITE;
    return real_file(file)->pMethods->xWrite(real_file(file), from, size, at);
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return real_file(file)->pMethods->xTruncate(real_file(file), size);
}

static void wait_while_stalled(void)
{
    __atomic_store_n(&world->is_stalled, 1, __ATOMIC_RELEASE);
    while (disk_mode() == DISK_STALLS)
        usleep(1000);
    __atomic_store_n(&world->is_stalled, 0, __ATOMIC_RELEASE);
}

static int disk_sync(sqlite3_file *file, int flags)
{
    if (disk_mode() == DISK_STALLS)
        wait_while_stalled();
    if (disk_mode() == DISK_FSYNC_FAILS)
        return SQLITE_IOERR_FSYNC;
    return real_file(file)->pMethods->xSync(real_file(file), flags);
}

static int disk_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_file(file)->pMethods->xFileSize(real_file(file), size);
}

static int disk_lock(sqlite3_file *file, int level)
{
    return real_file(file)->pMethods->xLock(real_file(file), level);
}

static int disk_unlock(sqlite3_file *file, int level)
{
    return real_file(file)->pMethods->xUnlock(real_file(file), level);
}

static int disk_is_reserved(sqlite3_file *file, int *is_reserved)
{
    return real_file(file)->pMethods->xCheckReservedLock(real_file(file), is_reserved);
}

static int disk_control(sqlite3_file *file, int what, void *argument)
{
    return real_file(file)->pMethods->xFileControl(real_file(file), what, argument);
}

static int disk_sector(sqlite3_file *file)
{
    return real_file(file)->pMethods->xSectorSize(real_file(file));
}

static int disk_traits(sqlite3_file *file)
{
    return real_file(file)->pMethods->xDeviceCharacteristics(real_file(file));
}

static int disk_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
    return real_file(file)->pMethods->xShmMap(real_file(file), region, size, extend, out);
}

static int disk_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_file(file)->pMethods->xShmLock(real_file(file), offset, count, flags);
}

static void disk_shm_barrier(sqlite3_file *file)
{
    real_file(file)->pMethods->xShmBarrier(real_file(file));
}

static int disk_shm_unmap(sqlite3_file *file, int is_deleted)
{
    return real_file(file)->pMethods->xShmUnmap(real_file(file), is_deleted);
}

/* Version 2: with shared memory, for the WAL; without xFetch, so that every write comes by here. */
static const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_is_reserved,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_traits,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

static int disk_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                     int *out)
{
    (void)vfs;
    struct disk_file *disk = (struct disk_file *)file;
    disk->base.pMethods = NULL; /* until it is open: xClose must not be called */
    disk->real = (sqlite3_file *)(disk + 1);
    int result = real_vfs->xOpen(real_vfs, name, disk->real, flags, out);
    if (result == SQLITE_OK)
        disk->base.pMethods = &disk_methods;
    else if (disk->real->pMethods != NULL)
        disk->real->pMethods->xClose(disk->real);
    return result;
}

/* Before main: the clock must go and the disk be in place when the first line of the gateway runs.
 */
__attribute__((constructor)) static void world_begin(void)
{
    static sqlite3_vfs disk;
    world_open();
    real_vfs = sqlite3_vfs_find(NULL);
    must(real_vfs != NULL);
    disk =
        *real_vfs; /* its other calls take no file, or the vfs they belong to: both are at home */
    disk.zName = "story";
    disk.pNext = NULL;
    disk.szOsFile = (int)sizeof(struct disk_file) + real_vfs->szOsFile;
    disk.xOpen = disk_open;
    must(sqlite3_vfs_register(&disk, 1) == SQLITE_OK);
}
