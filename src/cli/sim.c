/* sim: the simulated carrier, to try a gateway with. What it hears and says is in docs/sim.md. */
#include "cli/cli.h"
#include "cli/options.h"
#include "src/sim/sim.h"

#define WAIT_MOST_MS 86400000 /* a day */

int cli_sim(int argc, char **argv)
{
    struct sim_settings settings = {.listen = "127.0.0.1:2775", .receipt_after_ms = 500};
    const struct option_row rows[] = {
        {"--listen", OPTION_TEXT, &settings.listen},
        {"--control", OPTION_TEXT, &settings.control},
        {"--system-id", OPTION_TEXT, &settings.system_id},
        {"--password", OPTION_TEXT, &settings.password},
        {"--receipt-after", OPTION_COUNT, &settings.receipt_after_ms},
        {"--latency", OPTION_COUNT, &settings.latency_ms},
        {"--quiet", OPTION_FLAG, &settings.is_quiet},
        {"--json", OPTION_FLAG, &settings.is_json},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("sim", "%s", error);
    if (others > 0)
        return cli_usage("sim", "what is %s? The commands come on stdin, or on the control port",
                         argv[1]);
    if (settings.receipt_after_ms > WAIT_MOST_MS || settings.latency_ms > WAIT_MOST_MS)
        return cli_usage("sim", "%d milliseconds is the longest wait: a day", WAIT_MOST_MS);
    return sim_run(&settings);
}
