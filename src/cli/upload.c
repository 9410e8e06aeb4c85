#include "cli/upload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/recipient_file.h"

#define PIECE       ((size_t)4 << 20)
#define OTHER_FILE  "this is not the file that was begun: that one has more than"
#define PIECE_LEAST ((size_t)128 << 10) /* more than the longest row */

struct upload {
    struct client *client;
    const char *id;
    FILE *file;
    const char *type;
    int64_t size;   /* where it is seekable: where it can be read again */
    bool is_seekable;
    char *octets;   /* of the file, from `begin` on */
    size_t length, most;
    int64_t begin;
    char before;    /* the octet before `begin` */
    bool is_at_end; /* of the file */
    struct progress progress;
    char *why;
};

static enum upload_end refuse(struct upload *upload, const char *words, int64_t octet)
{
    snprintf(upload->why, CLIENT_ERROR_SIZE, "%s octet %" PRId64, words, octet);
    return UPLOAD_REFUSED;
}

/* What ^C ended may look like the end of the input or like an error, as when it ended the program before us in the pipe
 * as well: then nothing of it counts. */
static enum upload_end fill(struct upload *upload)
{
    while (upload->length < upload->most && !upload->is_at_end && ferror(upload->file) == 0) {
        size_t got = fread(upload->octets + upload->length, 1, upload->most - upload->length, upload->file);
        upload->length += got;
        upload->is_at_end = got == 0 && ferror(upload->file) == 0;
    }
    if (cli_is_interrupted())
        return UPLOAD_INTERRUPTED;
    if (ferror(upload->file) == 0)
        return UPLOAD_DONE;
    snprintf(upload->why, CLIENT_ERROR_SIZE, "the file can't be read: %s", strerror(errno));
    return upload->begin > 0 ? UPLOAD_BROKEN : UPLOAD_REFUSED;
}

/* Takes so many octets off the front of what was read. */
static void pass(struct upload *upload, size_t taken)
{
    if (taken > 0)
        upload->before = upload->octets[taken - 1];
    upload->length -= taken;
    upload->begin += (int64_t)taken;
    memmove(upload->octets, upload->octets + taken, upload->length);
}

/* Reads and forgets, up to the offset or the end of the file. */
static enum upload_end skip_to(struct upload *upload, int64_t offset)
{
    while (upload->begin + (int64_t)upload->length < offset) {
        pass(upload, upload->length);
        enum upload_end end = fill(upload);
        if (end != UPLOAD_DONE)
            return end;
        if (upload->length == 0)
            return refuse(upload, OTHER_FILE, offset);
    }
    pass(upload, (size_t)(offset - upload->begin));
    return UPLOAD_DONE;
}

static enum upload_end seek_to(struct upload *upload, int64_t offset)
{
    if (offset > upload->size || fseeko(upload->file, offset, SEEK_SET) != 0)
        return refuse(upload, OTHER_FILE, offset);
    upload->before = '\n';
    if (offset > 0 && pread(fileno(upload->file), &upload->before, 1, offset - 1) != 1)
        return refuse(upload, OTHER_FILE, offset);
    upload->begin = offset;
    upload->length = 0;
    upload->is_at_end = false;
    return UPLOAD_DONE;
}

/* What the gateway has already needs no sending. */
static enum upload_end go_to(struct upload *upload, int64_t offset)
{
    bool is_here = offset >= upload->begin && offset <= upload->begin + (int64_t)upload->length;
    if (upload->is_seekable && !is_here)
        return seek_to(upload, offset);
    if (offset < upload->begin)
        return refuse(upload, "stdin can't be read again, and the gateway goes on at", offset);
    return skip_to(upload, offset);
}

/* Another day the file may be another: what was taken of this one ended with a whole row. */
static enum upload_end resume_at(struct upload *upload, int64_t offset)
{
    enum upload_end end = go_to(upload, offset);
    if (end != UPLOAD_DONE || offset == 0 || upload->before == '\n' || upload->before == '\r')
        return end;
    end = fill(upload);
    if (end != UPLOAD_DONE || upload->length == 0) /* its last row needs no line end */
        return end;
    return refuse(upload, "this is not the file that was begun: that one has the end of a row before", offset);
}

static struct answer post(struct upload *upload, size_t length, bool is_last)
{
    char offset[24];
    snprintf(offset, sizeof offset, "%" PRId64, upload->begin);
    char *recipients = client_path_of("/v1/campaigns/", upload->id, "/recipients");
    struct call call = {.method = "POST",
                        .is_repeatable = true, /* what was taken before is a mismatch that says so */
                        .content_type = upload->type,
                        .length = length};
    call.path = client_path(recipients, "offset", offset, "last", is_last ? "true" : NULL, NULL);
    call.body = mem_new(length + 1);
    memcpy(call.body, upload->octets, length);
    free(recipients);
    return client_ask_call(upload->client, call);
}

static enum upload_end judge(struct upload *upload, const struct answer *answer, bool *is_moved)
{
    char room[16];
    const json_t *offset = json_object_get(answer->body, "offset");
    bool is_mismatch = strcmp(answer_code(answer, room), "offset_mismatch") == 0;
    *is_moved = json_is_integer(offset) && json_integer_value(offset) != upload->begin;
    if ((answer_is_good(answer) || is_mismatch) && json_is_integer(offset))
        return go_to(upload, json_integer_value(offset));
    answer_explain(answer, upload->why);
    if (cli_is_interrupted())
        return UPLOAD_INTERRUPTED;
    return answer->status >= 400 && answer->status < 500 && answer->status != 429 ? UPLOAD_REFUSED : UPLOAD_BROKEN;
}

static enum upload_end send_pieces(struct upload *upload)
{
    for (;;) {
        enum upload_end end = fill(upload);
        if (end != UPLOAD_DONE)
            return end;
        size_t length = upload->length < upload->most ? upload->length : upload->most;
        bool is_last = upload->is_at_end && length == upload->length, is_moved = false;
        struct answer answer = post(upload, length, is_last);
        bool is_good = answer_is_good(&answer);
        bool is_too_large = answer.status == 413 && upload->most > PIECE_LEAST;
        end = is_too_large ? UPLOAD_DONE : judge(upload, &answer, &is_moved);
        answer_wipe(&answer);
        progress_show(&upload->progress, upload->begin / 1024, "KB loaded");
        if (is_too_large)
            upload->most /= 2; /* it is set up for smaller ones */
        else if (end != UPLOAD_DONE || (is_good && is_last))
            return end;
        else if (!is_moved)
            return refuse(upload, "the gateway takes no row from", upload->begin);
    }
}

enum upload_end upload_run(struct client *client, const char *id, const char *path, int64_t offset,
                           char why[CLIENT_ERROR_SIZE])
{
    struct stat status;
    struct upload upload = {.client = client, .id = id, .most = PIECE, .why = why};
    why[0] = '\0';
    upload.file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    if (upload.file == NULL) {
        snprintf(why, CLIENT_ERROR_SIZE, "can't open %.200s: %s", path, strerror(errno));
        return cli_is_interrupted() ? UPLOAD_INTERRUPTED : UPLOAD_REFUSED; /* a named pipe that nobody writes to */
    }
    if (fstat(fileno(upload.file), &status) == 0 && S_ISREG(status.st_mode))
        upload.is_seekable = true;
    upload.size = upload.is_seekable ? status.st_size : 0;
    upload.type = recipient_file_is_ndjson(path) ? "application/x-ndjson" : "text/csv";
    upload.octets = mem_new(PIECE);
    progress_begin(&upload.progress, offset / 1024, upload.size / 1024);
    enum upload_end end = resume_at(&upload, offset);
    if (end == UPLOAD_DONE)
        end = send_pieces(&upload);
    progress_clear(&upload.progress);
    free(upload.octets);
    if (upload.file != stdin)
        fclose(upload.file);
    return end;
}
