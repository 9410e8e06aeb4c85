#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_SIZE 2048

static enum log_level least_level = LOG_LEVEL_INFO;

void log_set_level(enum log_level least)
{
    least_level = least;
}

bool log_is_on(enum log_level level)
{
    return level >= least_level;
}

static bool is_plain(uint8_t octet)
{
    return octet >= 0x20 && octet != 0x7F;
}

/* Everything but control characters passes; those become \xNN. */
static size_t escape_controls(const char *from, char *out, size_t size)
{
    size_t used = 0;
    for (; *from != '\0' && used + 5 < size; from++) {
        if (is_plain((uint8_t)*from))
            out[used++] = *from;
        else
            used += (size_t)snprintf(out + used, size - used, "\\x%02X", (unsigned)(uint8_t)*from);
    }
    return used;
}

/* systemd says by JOURNAL_STREAM which stream the journal reads; stderr may have been led elsewhere since. */
static bool is_journal(void)
{
    static int known = -1;
    struct stat about;
    unsigned long long device, inode;
    const char *stream = getenv("JOURNAL_STREAM");
    if (known < 0)
        known = stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &about) == 0 &&
                about.st_dev == device && about.st_ino == inode;
    return known == 1;
}

const char *log_mark(enum log_level level)
{
    static const char *const marks[] = {"<7>", "<6>", "<4>", "<3>"};
    return is_journal() ? marks[level] : "";
}

static size_t write_head(char *out, size_t size, enum log_level level)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    char time[TIME_TEXT_SIZE];
    if (is_journal())
        return (size_t)snprintf(out, size, "%s", log_mark(level));
    time_write(clock_wall_ms(), time);
    return (size_t)snprintf(out, size, "%s %s ", time, names[level]);
}

void log_line(enum log_level level, const char *format, ...)
{
    if (!log_is_on(level))
        return;
    char message[LINE_SIZE], line[LINE_SIZE + 64];
    va_list values;
    va_start(values, format);
    vsnprintf(message, sizeof message, format, values);
    va_end(values);
    size_t used = write_head(line, sizeof line, level);
    used += escape_controls(message, line + used, sizeof line - used - 1);
    line[used++] = '\n';
    /* One write a line: lines of several processes don't mix. There is nowhere to report its failure. */
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written;
}

const char *log_number(uint64_t number, char out[LOG_NUMBER_SIZE])
{
    char digits[LOG_NUMBER_SIZE];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, number);
    if (length <= 8)
        snprintf(out, LOG_NUMBER_SIZE, "+***");
    else
        snprintf(out, LOG_NUMBER_SIZE, "+%.4s***%.4s", digits, digits + length - 4);
    return out;
}

const char *log_octets(struct octets from, char out[LOG_OCTETS_SIZE])
{
    size_t used = 0;
    for (size_t i = 0; i < from.length && i < 32; i++) {
        uint8_t octet = from.at[i];
        if (octet > 0x20 && octet < 0x7F && octet != '\\')
            out[used++] = (char)octet;
        else
            used += (size_t)snprintf(out + used, LOG_OCTETS_SIZE - used, "\\x%02X", (unsigned)octet);
    }
    snprintf(out + used, LOG_OCTETS_SIZE - used, "%s", from.length > 32 ? "..." : "");
    return out;
}
