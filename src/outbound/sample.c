#include "outbound/sample.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/must.h"

struct samples {
    struct sample at[SAMPLES_MOST]; /* the newest last */
    size_t count;
};

struct samples *samples_open(void)
{
    return mem_new(sizeof(struct samples));
}

void samples_close(struct samples *samples)
{
    free(samples);
}

static void remove_at(struct samples *samples, size_t i)
{
    samples->count--;
    memmove(&samples->at[i], &samples->at[i + 1], (samples->count - i) * sizeof samples->at[0]);
}

void samples_put(struct samples *samples, const struct sample *sample)
{
    if (samples->count == SAMPLES_MOST)
        remove_at(samples, 0);
    samples->at[samples->count++] = *sample;
}

void samples_drop(struct samples *samples, const char *carrier, struct octets id)
{
    for (size_t i = samples->count; i-- > 0;)
        if (strcmp(samples->at[i].carrier, carrier) == 0 && strlen(samples->at[i].id) == id.length &&
            memcmp(samples->at[i].id, id.at, id.length) == 0)
            remove_at(samples, i);
}

size_t samples_count(const struct samples *samples)
{
    return samples->count;
}

const struct sample *samples_at(const struct samples *samples, size_t i)
{
    must(i < samples->count);
    return &samples->at[samples->count - 1 - i];
}

/* ---- what of a text may be shown ---- */

static bool is_printable(struct octets raw)
{
    for (size_t i = 0; i < raw.length; i++)
        if (raw.at[i] < 0x20 || raw.at[i] > 0x7E)
            return false;
    return raw.length > 0;
}

/* Whether a key stands there, with its colon; gives where its value begins, or 0. */
static size_t key_at(const char *text, size_t at, const char *key)
{
    size_t length = strlen(key);
    if (at > 0 && strchr(" \t,;|", text[at - 1]) == NULL)
        return 0;
    if (strncasecmp(text + at, key, length) != 0)
        return 0;
    return text[at + length] == ':' ? at + length + 1 : 0;
}

/* Behind a value: its first word, and that of a time if the word before was a date. */
static size_t value_end(const char *text, size_t at)
{
    size_t end = at + strcspn(text + at, " ");
    if (text[end] == ' ' && strspn(text + end + 1, "0123456789") == 2 && text[end + 3] == ':')
        end += 1 + strspn(text + end + 1, "0123456789:");
    return end;
}

void sample_cut(struct octets raw, char out[SAMPLE_TEXT_SIZE])
{
    static const char *const keys[] = {"id", "sub", "dlvrd", "submit date", "done date", "stat", "err"};
    char text[SAMPLE_TEXT_SIZE];
    size_t begin = SAMPLE_TEXT_SIZE, end = 0;
    out[0] = '\0';
    if (raw.length >= sizeof text)
        raw.length = sizeof text - 1;
    if (!is_printable(raw))
        return;
    memcpy(text, raw.at, raw.length);
    text[raw.length] = '\0';
    for (size_t at = 0; at < raw.length && key_at(text, at, "text") == 0; at++)
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
            size_t value = key_at(text, at, keys[i]);
            if (value == 0)
                continue;
            begin = at < begin ? at : begin;
            end = value_end(text, value);
        }
    if (end == 0)
        return;
    memcpy(out, text + begin, end - begin);
    out[end - begin] = '\0';
}
