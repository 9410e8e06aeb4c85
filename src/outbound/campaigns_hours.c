/* When a campaign may text somebody, by their clock: its own window and local start, and the hours of its program. Who has
 * to wait waits among the recipients: so no queue fills up over night that would all be due in one minute. */
#include "campaigns_parts.h"
#include "config/setting.h"
#include "consent/hours.h"
#include "consent/local_time.h"

#define ROUNDS 20 /* more than windows can open into one another */

static bool has_hours(const struct campaign *campaign, const struct program *program)
{
    return campaign->hours[0] != '\0' || campaign->start_local != 0 ||
           program->config->quiet_hours.kind != CONFIG_HOURS_OFF;
}

/* Until nothing of it puts the time off any more. */
static int64_t place_open_at(const struct campaign *campaign, const struct config_hours *own,
                             const struct config_hours *programs, const struct places *places,
                             const struct place *place, const char *timezone, int64_t now_ms)
{
    struct local_time local;
    int64_t at_ms = now_ms;
    if (campaign->start_local != 0 &&
        !local_time_find(places, place, timezone, campaign->start_local / 1000, &local))
        return HOURS_NEVER;
    if (campaign->start_local != 0 && local.at_ms > now_ms)
        at_ms = local.at_ms;
    for (int i = 0; i < ROUNDS && at_ms != HOURS_NEVER; i++) {
        int64_t open_at = hours_open_at(places, place, own, at_ms);
        if (open_at != HOURS_NEVER)
            open_at = hours_open_at(places, place, programs, open_at);
        if (open_at == at_ms)
            return at_ms;
        at_ms = open_at;
    }
    return HOURS_NEVER;
}

/* The gate says what it says of somebody who isn't opted in; and of whom only the program's own hours never open for. */
bool campaign_open_at(struct campaigns *campaigns, const struct campaign *campaign,
                      const struct program *program, uint64_t number, int64_t now_ms, int64_t *open_at)
{
    struct standing standing;
    char why[SETTING_WHY_SIZE];
    struct config_hours own = {.kind = CONFIG_HOURS_OFF};
    *open_at = now_ms;
    if (!has_hours(campaign, program))
        return true;
    if (!consent_standing(campaigns->consents, program, number, now_ms, &standing))
        return false;
    if (standing.state != STANDING_OPTED_IN)
        return true;
    if (campaign->hours[0] != '\0')
        setting_hours_read(campaign->hours, &own, why);
    struct places *places = consents_places(campaigns->consents);
    struct place place = places_find(places, number, standing.timezone, standing.postal_code);
    *open_at = place_open_at(campaign, &own, &program->config->quiet_hours, places, &place,
                             standing.timezone, now_ms);
    return true;
}
