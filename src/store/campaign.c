/* What a campaign's words and numbers mean, from proto/campaign.def. No database here. */
#include "store/store.h"

#define STATES 8

static const char *const state_words[STATES] = {
#define CAMPAIGN_STATE(name, number, word) [number] = word,
#include "proto/campaign.def"
};

static const bool moves[STATES][STATES] = {
#define CAMPAIGN_MOVE(from, to, why) [CAMPAIGN_##from][CAMPAIGN_##to] = true,
#include "proto/campaign.def"
};

static const char *const status_words[] = {
#define RECIPIENT_STATUS(name, number, word) [number] = word,
#include "proto/campaign.def"
};
#define STATUSES (sizeof status_words / sizeof *status_words)

static const char *const enrolment_words[] = {
#define ENROLMENT_STATUS(name, number, word) [number] = word,
#include "proto/campaign.def"
};
#define ENROLMENT_STATUSES (sizeof enrolment_words / sizeof *enrolment_words)

/* A database may hold a number that none of ours is; that is no reason to die. */
const char *campaign_state_word(enum campaign_state state)
{
    return (size_t)state < STATES && state_words[state] != NULL ? state_words[state] : "invalid";
}

bool campaign_may_move(enum campaign_state from, enum campaign_state to)
{
    return (size_t)from < STATES && (size_t)to < STATES && moves[from][to];
}

const char *recipient_status_word(enum recipient_status status)
{
    return (size_t)status < STATUSES ? status_words[status] : "invalid";
}

const char *enrolment_status_word(enum enrolment_status status)
{
    bool is_one = (size_t)status < ENROLMENT_STATUSES && enrolment_words[status] != NULL;
    return is_one ? enrolment_words[status] : "invalid";
}
