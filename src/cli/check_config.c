/* check-config: what is wrong with a configuration, with file and line; or the reference of all
 * settings. It reads the file as `serve` does, and does nothing else with it. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "config/config.h"
#include "consent/spoken.h"

static void print_problem(const struct config_problem *problem)
{
    fputs(problem->file, stderr);
    if (problem->line > 0)
        fprintf(stderr, ":%d", problem->line);
    fprintf(stderr, ": %s%s\n", problem->is_warning ? "warning: " : "", problem->text);
}

static void print_count(size_t count, const char *what, const char *behind)
{
    printf("%zu %s%s%s", count, what, count == 1 ? "" : "s", behind);
}

static int check(const char *file)
{
    struct config_problems problems = {0};
    struct config *config = config_load_with(file, &spoken_config_words, &problems);
    for (size_t i = 0; i < problems.count; i++)
        print_problem(&problems.at[i]);
    config_problems_wipe(&problems);
    if (config == NULL)
        return CLI_FAILED;
    printf("%s: ok: ", file);
    print_count(config->carrier_count, "carrier", ", ");
    print_count(config->program_count, "program", ", ");
    print_count(config->account_count, "account", "\n");
    config_free(config);
    return CLI_DONE;
}

static int print_reference(void)
{
    char *text = config_reference();
    fputs(text, stdout);
    free(text);
    return CLI_DONE;
}

int cli_check_config(int argc, char **argv)
{
    const char *file = NULL;
    bool wants_reference = false;
    const struct option_row rows[] = {
        {"-c", OPTION_TEXT, &file},
        {"--config", OPTION_TEXT, &file},
        {"--reference", OPTION_FLAG, &wants_reference},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("check-config", "%s", error);
    if (others > 0 || wants_reference == (file != NULL))
        return cli_usage("check-config", "-c FILE, or --reference?");
    return wants_reference ? print_reference() : check(file);
}
