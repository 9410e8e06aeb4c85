#include "cli/campaign_order.h"

#include <math.h>
#include <stdlib.h>

#include "base/must.h"
#include "cli/cli.h"

static bool read_rate(const char *text, double *rate)
{
    char *end;
    *rate = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*rate) && *rate >= 0;
}

json_t *campaign_order_json(const struct campaign_order *order, const char *command)
{
    double rate = 0;
    if (order->rate != NULL && !read_rate(order->rate, &rate)) {
        cli_usage(command, "--rate takes parts a second, as in 20 or 0.5, not '%s'", order->rate);
        return NULL;
    }
    json_t *body = json_pack("{s:s*,s:s*,s:s*,s:s*,s:s*,s:s*,s:s*,s:s*,s:s*,s:s*}", "name", order->name,
                             "program", order->program, "text", order->text, "from", order->from,
                             "encoding", order->encoding, "start_at", order->start_at, "ends_at",
                             order->ends_at, "window", order->window, "start_at_local",
                             order->start_at_local, "client_ref", order->client_ref);
    if (body == NULL) {
        cli_usage(command, "what was given is not UTF-8");
        return NULL;
    }
    if (order->rate != NULL)
        json_object_set_new(body, "rate", json_real(rate));
    if (order->is_dry_run)
        json_object_set_new(body, "dry_run", json_true());
    return body;
}

const char *campaign_order_given(const struct campaign_order *order)
{
    const struct {
        const char *option, *value;
    } options[] = {
        {"--text", order->text},         {"--from", order->from},
        {"--name", order->name},         {"--encoding", order->encoding},
        {"--rate", order->rate},         {"--start-at", order->start_at},
        {"--ends-at", order->ends_at},   {"--window", order->window},
        {"--start-at-local", order->start_at_local}, {"--client-ref", order->client_ref},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].value != NULL)
            return options[i].option;
    return NULL;
}
