/* log: one event, one line, on stderr: time, level, then words and key=value pairs. Where stderr is the journal, the time
 * is the journal's, and the level syslog's number, <3>.
 *
 * One grep tells a message's story (msg=ID). Texts and secrets never come here, numbers come masked
 * (log_number), foreign octets come through log_octets; a control character that slips in all the
 * same is escaped, so that no peer can forge a line. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/octets.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

void log_set_level(enum log_level least);
bool log_is_on(enum log_level level); /* for what is dear to put into words */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What stands before a line of the journal that comes another way than by log_line; "" where stderr is none. */
const char *log_mark(enum log_level level);

#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...)  log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)

#define LOG_NUMBER_SIZE 24
#define LOG_OCTETS_SIZE 132

/* "+1415***0123": enough to recognise, too little to call. `number` is E.164 without its plus. */
const char *log_number(uint64_t number, char out[LOG_NUMBER_SIZE]);

/* Printable ASCII as it is, everything else as \xNN, cut at 32 octets with "..." behind. */
const char *log_octets(struct octets from, char out[LOG_OCTETS_SIZE]);

#endif
