/* sim: the simulated carrier, to try a gateway with. What it hears and says is in docs/sim.md. */
#include "cli/cli.h"
#include "cli/options.h"
#include "src/sim/sim.h"

#define WAIT_MOST_MS 86400000 /* a day */
#define KNOBS        (sizeof knob_names / sizeof knob_names[0])

static const char *const knob_names[] = {"latency",    "rate",     "errors", "drop-every",
                                         "drop-after", "receipts", "seed"};

/* False, with `why`, for a value that its knob can't have. */
static bool turn_knobs(struct sim_knobs *knobs, const char *const values[KNOBS],
                       char why[SIM_KNOBS_WHY_SIZE])
{
    for (size_t i = 0; i < KNOBS; i++)
        if (values[i] != NULL && !sim_knobs_set(knobs, knob_names[i], values[i], why))
            return false;
    return true;
}

int cli_sim(int argc, char **argv)
{
    struct sim_settings settings = {.listen = "127.0.0.1:2775", .receipt_after_ms = 500};
    const char *knobs[KNOBS] = {NULL};
    const struct option_row rows[] = {
        {"--listen", OPTION_TEXT, &settings.listen},
        {"--control", OPTION_TEXT, &settings.control},
        {"--system-id", OPTION_TEXT, &settings.system_id},
        {"--password", OPTION_TEXT, &settings.password},
        {"--receipt-after", OPTION_COUNT, &settings.receipt_after_ms},
        {"--latency", OPTION_TEXT, &knobs[0]},
        {"--rate", OPTION_TEXT, &knobs[1]},
        {"--errors", OPTION_TEXT, &knobs[2]},
        {"--drop-every", OPTION_TEXT, &knobs[3]},
        {"--drop-after", OPTION_TEXT, &knobs[4]},
        {"--receipts", OPTION_TEXT, &knobs[5]},
        {"--seed", OPTION_TEXT, &knobs[6]},
        {"--digits", OPTION_FLAG, &settings.knobs.minds_digits},
        {"--quiet", OPTION_FLAG, &settings.is_quiet},
        {"--json", OPTION_FLAG, &settings.is_json},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE], why[SIM_KNOBS_WHY_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("sim", "%s", error);
    if (others > 0)
        return cli_usage("sim", "what is %s? The commands come on stdin, or on the control port",
                         argv[1]);
    if (settings.receipt_after_ms > WAIT_MOST_MS)
        return cli_usage("sim", "%d milliseconds is the longest wait: a day", WAIT_MOST_MS);
    if (!turn_knobs(&settings.knobs, knobs, why))
        return cli_usage("sim", "--%s", why);
    return sim_run(&settings);
}
