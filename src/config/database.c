/* database: which one a file names. Whoever only reads it has no use for the rest, and may not have the environment that holds
 * the gateway's secrets: only what is wrong with that one setting counts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "config/config.h"
#include "config/entry.h"
#include "config/setting.h"

#define KEY "database"

static bool concerns(const struct config_problem *problem, const struct entry *entry)
{
    bool is_named = strncmp(problem->text, KEY " ", sizeof KEY) == 0; /* "database is given twice" */
    return is_named || (problem->line == entry->line && strcmp(problem->file, entry->file) == 0);
}

/* NULL: nothing. Where no database was found in the file it may stand where something is wrong. */
static const struct config_problem *what_is_wrong(const struct config_problems *problems, const struct entry *entry)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct config_problem *problem = &problems->at[i];
        if (!problem->is_warning && (entry == NULL || concerns(problem, entry)))
            return problem;
    }
    return NULL;
}

static char *read_path(const struct entries *entries, const struct config_problems *problems, char why[CONFIG_DATABASE_WHY])
{
    char misfit[SETTING_WHY_SIZE];
    struct config scratch = {0};
    const struct setting *setting = setting_find(SECTION_top, KEY);
    const struct entry *entry = entry_find(&entries->sections[0], KEY);
    const struct config_problem *problem = what_is_wrong(problems, entry);
    if (problem != NULL && problem->line == 0)
        snprintf(why, CONFIG_DATABASE_WHY, "%.400s", problem->text);
    else if (problem != NULL)
        snprintf(why, CONFIG_DATABASE_WHY, "%.200s:%d: %.200s", problem->file, problem->line, problem->text);
    else if (setting_put(setting, entry == NULL ? setting->fallback : entry->text, &scratch, misfit))
        return scratch.database;
    else
        snprintf(why, CONFIG_DATABASE_WHY, "%.200s:%d: " KEY " %.200s", entry->file, entry->line, misfit);
    return NULL;
}

char *config_database(const char *file, char why[CONFIG_DATABASE_WHY])
{
    struct config_problems problems = {0};
    struct entries *entries = entries_read(file, &problems);
    char *path = read_path(entries, &problems, why);
    entries_free(entries);
    config_problems_wipe(&problems);
    return path;
}
