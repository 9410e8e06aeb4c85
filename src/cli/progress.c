#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"

#define BAR_MOST   24
#define BAR_LEAST  4
#define REDRAW_MS  100
#define LINE_SIZE  PROGRESS_LINE
#define ERASE_LINE "\r\033[K"

/* "  3:20 left"; nothing where it can't be told. */
static void write_left(char *out, size_t size, int64_t left, double rate)
{
    out[0] = '\0';
    if (rate <= 0 || left <= 0 || (double)left / rate > 100 * 3600.0)
        return;
    int64_t seconds = (int64_t)((double)left / rate + 0.5);
    if (seconds >= 3600)
        snprintf(out, size, "  %" PRId64 ":%02" PRId64 ":%02" PRId64 " left", seconds / 3600,
                 seconds / 60 % 60, seconds % 60);
    else
        snprintf(out, size, "  %" PRId64 ":%02" PRId64 " left", seconds / 60, seconds % 60);
}

static void write_bar(char *out, size_t cells, int64_t done, int64_t total)
{
    size_t full = done >= total ? cells : (size_t)((double)done / (double)total * (double)cells);
    out[0] = '[';
    memset(out + 1, '=', full);
    memset(out + 1 + full, ' ', cells - full);
    memcpy(out + 1 + cells, "]  ", 4);
}

void progress_write(char *out, size_t width, int64_t done, int64_t total, double rate,
                    const char *note)
{
    char counts[LINE_SIZE], bar[BAR_MOST + 8] = "", of[24] = "", left[40];
    if (total > 0)
        snprintf(of, sizeof of, "/%" PRId64, total);
    write_left(left, sizeof left, total - done, rate);
    int length = snprintf(counts, sizeof counts, "%" PRId64 "%s  %.0f/s%s%s%s", done, of, rate, left,
                          *note == '\0' ? "" : "  ", note);
    size_t used = (size_t)length + 4; /* brackets and their gap */
    if (total > 0 && width >= used + BAR_LEAST)
        write_bar(bar, width - used < BAR_MOST ? width - used : BAR_MOST, done, total);
    snprintf(out, width + 1, "%s%s", bar, counts);
}

void progress_begin(struct progress *progress, int64_t first, int64_t total)
{
    *progress = (struct progress){.is_on = cli_is_terminal(stderr),
                                  .first = first,
                                  .total = total,
                                  .began_ms = clock_mono_ms()};
}

void progress_show(struct progress *progress, int64_t done, const char *note)
{
    int64_t now_ms = clock_mono_ms(), took_ms = now_ms - progress->began_ms;
    if (!progress->is_on || (progress->is_drawn && now_ms - progress->drawn_ms < REDRAW_MS))
        return;
    char line[LINE_SIZE];
    double rate = took_ms > 0 ? (double)(done - progress->first) * 1000 / (double)took_ms : 0;
    size_t width = cli_width(stderr);
    width = width == 0 || width > LINE_SIZE ? LINE_SIZE : width; /* the last column is left free */
    progress_write(line, width - 1, done, progress->total, rate, note);
    fprintf(stderr, ERASE_LINE "%s", line);
    fflush(stderr);
    progress->is_drawn = true;
    progress->drawn_ms = now_ms;
}

void progress_clear(struct progress *progress)
{
    if (progress->is_drawn)
        fputs(ERASE_LINE, stderr);
    progress->is_drawn = false;
}
