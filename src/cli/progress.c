#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"

#define BAR_CELLS  24
#define REDRAW_MS  100
#define LINE_SIZE  200
#define ERASE_LINE "\r\033[K"

void progress_write(char *out, size_t size, int64_t done, int64_t total, int64_t took_ms,
                    const char *note)
{
    char bar[BAR_CELLS + 1] = "", of[24] = "";
    if (total > 0) {
        int64_t full = done >= total ? BAR_CELLS : done * BAR_CELLS / total;
        memset(bar, '=', (size_t)full);
        memset(bar + full, ' ', (size_t)(BAR_CELLS - full));
        snprintf(of, sizeof of, "/%" PRId64, total);
    }
    int64_t rate = took_ms > 0 ? done * 1000 / took_ms : 0;
    snprintf(out, size, "%s%s%s%" PRId64 "%s  %" PRId64 "/s%s%s", total > 0 ? "[" : "", bar,
             total > 0 ? "]  " : "", done, of, rate, *note == '\0' ? "" : "  ", note);
}

void progress_begin(struct progress *progress, int64_t total)
{
    *progress = (struct progress){
        .is_on = cli_is_terminal(stderr), .total = total, .began_ms = clock_mono_ms()};
}

void progress_show(struct progress *progress, int64_t done, const char *note)
{
    int64_t now_ms = clock_mono_ms();
    if (!progress->is_on || (progress->is_drawn && now_ms - progress->drawn_ms < REDRAW_MS))
        return;
    char line[LINE_SIZE];
    progress_write(line, sizeof line, done, progress->total, now_ms - progress->began_ms, note);
    size_t width = cli_width(stderr);
    if (width > 1 && strlen(line) >= width)
        line[width - 1] = '\0';
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
