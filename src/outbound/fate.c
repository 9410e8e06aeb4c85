#include "outbound/fate.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/habit.h"

#define AGAIN        5 /* a passing refusal: six tries in all */
#define WAIT_MS      15000
#define WAIT_MOST_MS 600000

static struct fate usual(uint32_t status)
{
    enum status_fate what = pdu_status_get(status)->fate;
    if (what == FATE_RETRY_ONCE)
        return (struct fate){.what = FATE_RETRY, .again = 1};
    bool is_tried = what == FATE_RETRY || what == FATE_REBIND;
    return (struct fate){.what = what, .again = is_tried ? AGAIN : 0};
}

struct fate fate_of(const struct config_carrier *config, uint32_t status)
{
    static const enum status_fate fates[] = {[HABIT_RETRY] = FATE_RETRY,
                                             [HABIT_SLOW_DOWN] = FATE_SLOW_DOWN,
                                             [HABIT_REBIND] = FATE_REBIND,
                                             [HABIT_GIVE_UP] = FATE_GIVE_UP};
    struct habit_retry own;
    if (config == NULL || !habit_retry_find(&config->retry, status, &own))
        return usual(status);
    return (struct fate){.what = fates[own.action],
                         .again = own.action == HABIT_REBIND ? AGAIN : own.again,
                         .wait_ms = own.wait_ms};
}

int64_t fate_wait_ms(const struct fate *fate, unsigned refusals)
{
    int64_t wait_ms = WAIT_MS;
    if (fate->wait_ms > 0)
        return fate->wait_ms;
    for (unsigned i = 1; i < refusals && wait_ms < WAIT_MOST_MS; i++)
        wait_ms *= 2;
    return wait_ms > WAIT_MOST_MS ? WAIT_MOST_MS : wait_ms;
}

uint32_t fate_worse(const struct config_carrier *config, uint32_t one, uint32_t other)
{
    static const int ranks[] = {[FATE_DONE] = 0, [FATE_SLOW_DOWN] = 1, [FATE_REBIND] = 2,
                                [FATE_RETRY] = 3, [FATE_RETRY_ONCE] = 3, [FATE_GIVE_UP] = 4};
    return ranks[fate_of(config, other).what] > ranks[fate_of(config, one).what] ? other : one;
}

bool fate_opts_out(const struct config_carrier *config, uint32_t status)
{
    uint32_t one = 0;
    for (size_t i = 0; config != NULL && i < config->opt_out_statuses.count; i++)
        if (habit_status_read(config->opt_out_statuses.at[i], &one) != NULL && one == status)
            return true;
    return false;
}

/* "009" is "9": carriers fill it up to three digits, or don't. */
bool fate_err_opts_out(const struct config_carrier *config, const char *err)
{
    err += strspn(err, "0");
    for (size_t i = 0; config != NULL && i < config->opt_out_errors.count && *err != '\0'; i++) {
        const char *one = config->opt_out_errors.at[i];
        if (strcasecmp(one + strspn(one, "0"), err) == 0)
            return true;
    }
    return false;
}

void fate_text(const struct config_carrier *config, uint32_t status, char out[FATE_TEXT_SIZE])
{
    const char *own = config == NULL ? NULL : habit_name_find(&config->statuses, status);
    snprintf(out, FATE_TEXT_SIZE, "%s (0x%08X)", own == NULL ? pdu_status_get(status)->name : own,
             (unsigned)status);
}
