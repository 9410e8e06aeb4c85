#include "config/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

void problem_add(struct config_problems *problems, const char *file, int line, bool is_warning,
                 const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    must(vasprintf(&text, format, arguments) >= 0);
    va_end(arguments);
    problems->at = mem_grow(problems->at, (problems->count + 1) * sizeof problems->at[0]);
    problems->at[problems->count++] = (struct config_problem){
        .file = mem_text(file), .line = line, .is_warning = is_warning, .text = text};
    problems->error_count += !is_warning;
}

void config_problems_wipe(struct config_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        free(problems->at[i].file);
        free(problems->at[i].text);
    }
    free(problems->at);
    *problems = (struct config_problems){0};
}

void problems_move(struct config_problems *to, struct config_problems *from)
{
    for (size_t i = 0; i < from->count; i++)
        problem_add(to, from->at[i].file, from->at[i].line, from->at[i].is_warning, "%s",
                    from->at[i].text);
    config_problems_wipe(from);
}

void problems_sort(struct config_problems *problems)
{
    for (size_t i = 1; i < problems->count; i++) {
        struct config_problem one = problems->at[i];
        size_t j = i;
        for (; j > 0; j--) {
            const struct config_problem *before = &problems->at[j - 1];
            int order = strcmp(before->file, one.file);
            if (order < 0 || (order == 0 && before->line <= one.line))
                break;
            problems->at[j] = *before;
        }
        problems->at[j] = one;
    }
}
