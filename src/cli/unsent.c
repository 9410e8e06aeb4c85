#include "cli/unsent.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/must.h"
#include "cli/cli.h"
#include "cli/recipient_file.h"
#include "cli/table.h"
#include "consent/verdict.h"

#define PAGE "1000"

/* The recipients of one status, page by page, in the order of their rows. */
struct stream {
    const char *status;
    json_t *page; /* NULL: it is at its end */
    size_t at;
    char *after;
};

struct teller {
    struct unsent *unsent;
    struct stream streams[3];
    struct recipient_file *file;
    int64_t said, refused;
    char why[CLIENT_ERROR_SIZE];
};

/* ---- what the gateway says ---- */

static bool stream_fetch(struct teller *teller, struct stream *stream)
{
    char *recipients = client_path_of("/v1/campaigns/", teller->unsent->id, "/recipients");
    char *path = client_path(recipients, "status", stream->status, "limit", PAGE, "after", stream->after, NULL);
    struct answer answer = client_ask(teller->unsent->client, "GET", path, NULL);
    const char *after = json_string_value(json_object_get(answer.body, "after"));
    bool is_good = answer_is_good(&answer);
    free(path);
    free(recipients);
    free(stream->after);
    json_decref(stream->page);
    stream->page = is_good ? json_incref(json_object_get(answer.body, "items")) : NULL;
    stream->after = mem_text(after);
    stream->at = 0;
    if (!is_good)
        answer_explain(&answer, teller->why);
    answer_wipe(&answer);
    return is_good;
}

/* Its next recipient, borrowed; NULL: its end, or `why` says what is wrong. A page may be empty and not the last. */
static json_t *stream_item(struct teller *teller, struct stream *stream)
{
    while (stream->page != NULL && stream->at == json_array_size(stream->page)) {
        if (stream->after == NULL || !stream_fetch(teller, stream)) {
            json_decref(stream->page);
            stream->page = NULL;
        }
    }
    return json_array_get(stream->page, stream->at);
}

static json_t *item_next(struct teller *teller)
{
    struct stream *first = NULL;
    json_int_t least = 0;
    for (size_t i = 0; i < sizeof teller->streams / sizeof *teller->streams; i++) {
        json_t *item = stream_item(teller, &teller->streams[i]);
        json_int_t row = json_integer_value(json_object_get(item, "row"));
        if (teller->why[0] != '\0')
            return NULL;
        if (item == NULL || (first != NULL && row >= least))
            continue;
        first = &teller->streams[i];
        least = row;
    }
    return first == NULL ? NULL : json_array_get(first->page, first->at++);
}

/* ---- what is told ---- */

static const char *text_at(const json_t *item, const char *name)
{
    const char *text = json_string_value(json_object_get(item, name));
    return text == NULL ? "" : text;
}

static const char *why_of(const json_t *item)
{
    const char *detail = text_at(item, "detail"), *code = text_at(item, "code");
    enum verdict verdict = verdict_find(octets_text(code));
    return *detail != '\0' ? detail : verdict == VERDICT_ALLOWED ? code : verdict_row(verdict)->title;
}

static void list_begin(struct unsent *unsent)
{
    struct stat status;
    if (unsent->out == NULL)
        return;
    int file = fileno(unsent->out);
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && ftruncate(file, 0) != 0)
        unsent->fault = errno;
    if (fputs("line,phone,code,why\n", unsent->out) == EOF)
        unsent->fault = errno;
}

static void write_row(struct unsent *unsent, size_t line, const char *phone, const json_t *item)
{
    FILE *out = unsent->out;
    const char *const fields[] = {phone, text_at(item, "code"), why_of(item)};
    fprintf(out, "%zu", line);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        putc(',', out);
        csv_put_field(out, fields[i]);
    }
    putc('\n', out);
    if (ferror(out) != 0 && unsent->fault == 0)
        unsent->fault = errno;
}

static void say_row(size_t line, const char *phone, const json_t *item, bool is_block)
{
    char *safe_phone = table_safe(phone), *safe_why = table_safe(is_block ? text_at(item, "code") : why_of(item));
    fprintf(stderr, "line %zu: %s%s%s: %s\n", line, safe_phone, *phone == '\0' ? "" : " ",
            is_block ? "blocked" : "refused", safe_why);
    free(safe_phone);
    free(safe_why);
}

static void tell(struct teller *teller, size_t line, const char *phone, const json_t *item)
{
    struct unsent *unsent = teller->unsent;
    bool is_block = strcmp(text_at(item, "status"), "blocked") == 0;
    if (strcmp(text_at(item, "status"), "bad") == 0)
        tally_add(&unsent->bad, text_at(item, "code"));
    if (unsent->out != NULL)
        write_row(unsent, line, phone, item);
    if (unsent->list != NULL && !is_block)
        json_array_append_new(unsent->list,
                              json_pack("{s:I,s:s,s:s,s:s}", "line", (json_int_t)line, "phone", phone, "code",
                                        text_at(item, "code"), "why", why_of(item)));
    teller->refused += is_block ? 0 : 1;
    if (unsent->list != NULL || (is_block && !unsent->is_verbose) ||
        (!unsent->is_verbose && teller->said == UNSENT_SAID))
        return;
    say_row(line, phone, item, is_block);
    teller->said += is_block ? 0 : 1;
}

/* The number as it stands in the file, else as the gateway has it. */
static char *phone_of(const struct teller *teller, const json_t *item, bool is_found)
{
    char *phone = is_found ? recipient_file_phone(teller->file) : NULL;
    if (phone == NULL)
        return mem_text(text_at(item, "phone"));
    json_t *is_text = json_string(phone);
    if (is_text == NULL)
        phone[0] = '\0';
    json_decref(is_text);
    return phone;
}

static void tell_item(struct teller *teller, const json_t *item)
{
    json_int_t row = json_integer_value(json_object_get(item, "row"));
    size_t line = recipient_file_line(teller->file, row);
    char *phone = phone_of(teller, item, line != 0);
    /* Without the file: the header of a CSV is a line as well. */
    bool has_header = !recipient_file_is_ndjson(teller->unsent->path);
    tell(teller, line != 0 ? line : (size_t)row + (has_header ? 1 : 0), phone, item);
    free(phone);
}

/* What a full disk did not take is not told. */
static bool list_is_written(struct unsent *unsent)
{
    if (unsent->out == NULL)
        return true;
    if (fflush(unsent->out) != 0 && unsent->fault == 0)
        unsent->fault = errno;
    if (unsent->fault == 0)
        return true;
    cli_fail(unsent->command, "the rows that weren't sent can't be written to %s: %s\nassent %s: "
             "`assent campaign recipients %s --csv --limit 0` lists what became of each row",
             unsent->list_path, strerror(unsent->fault), unsent->command, unsent->id);
    return false;
}

bool unsent_tell(struct unsent *unsent)
{
    struct teller teller = {.unsent = unsent, .streams = {{.status = "bad"}, {.status = "refused"}, {.status = "blocked"}}};
    const bool wanted[] = {unsent->has_bad, unsent->has_refused,
                           unsent->has_blocked && (unsent->is_verbose || unsent->out != NULL)};
    const json_t *item;
    teller.file = recipient_file_open(unsent->path);
    list_begin(unsent);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && teller.why[0] == '\0'; i++)
        if (wanted[i])
            stream_fetch(&teller, &teller.streams[i]);
    while (teller.why[0] == '\0' && (item = item_next(&teller)) != NULL)
        tell_item(&teller, item);
    for (size_t i = 0; i < sizeof teller.streams / sizeof *teller.streams; i++) {
        json_decref(teller.streams[i].page);
        free(teller.streams[i].after);
    }
    recipient_file_close(teller.file);
    if (unsent->list == NULL && teller.refused > teller.said)
        fprintf(stderr, "and %" PRId64 " more were refused; --verbose lists them all\n",
                teller.refused - teller.said);
    if (teller.why[0] != '\0')
        cli_fail(unsent->command, "which rows weren't sent can't be told: %s", teller.why);
    return list_is_written(unsent) && teller.why[0] == '\0';
}

/* An earlier list stays as it is until there is another one to take its place. */
bool unsent_open(struct unsent *unsent, const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    unsent->out = file < 0 ? NULL : fdopen(file, "w");
    unsent->list_path = path;
    if (unsent->out == NULL)
        cli_fail(unsent->command, "can't write %s: %s", path, strerror(errno));
    return unsent->out != NULL;
}

bool unsent_close(struct unsent *unsent)
{
    bool is_closed = unsent->out == NULL || fclose(unsent->out) == 0;
    if (!is_closed && unsent->fault == 0)
        cli_fail(unsent->command, "the rows that weren't sent can't be written to %s: %s", unsent->list_path,
                 strerror(errno));
    tally_wipe(&unsent->bad);
    return is_closed;
}
