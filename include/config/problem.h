/* problem: how the files of this room report what is wrong (struct config_problems). */
#ifndef CONFIG_PROBLEM_H
#define CONFIG_PROBLEM_H

#include <stdbool.h>

#include "config/config.h"

/* `file` is copied; line 0 means the file as a whole. */
void problem_add(struct config_problems *problems, const char *file, int line, bool is_warning,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

void problems_move(struct config_problems *to, struct config_problems *from); /* empties `from` */
void problems_sort(struct config_problems *problems); /* by file, then by line */

#endif
