#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
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

void log_line(enum log_level level, const char *format, ...)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    if (!log_is_on(level))
        return;
    char message[LINE_SIZE], line[LINE_SIZE + 64], time[TIME_TEXT_SIZE];
    va_list values;
    va_start(values, format);
    vsnprintf(message, sizeof message, format, values);
    va_end(values);
    time_write(clock_wall_ms(), time);
    size_t used = (size_t)snprintf(line, sizeof line, "%s %s ", time, names[level]);
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
