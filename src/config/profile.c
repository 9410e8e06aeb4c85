#include "config/profile.h"

#include <string.h>

static const struct entry_section *profile_find(const struct entries *entries, const char *name)
{
    for (size_t i = 0; i < entries->section_count; i++) {
        const struct entry_section *section = &entries->sections[i];
        if (section->kind == SECTION_profile && !section->is_repeated &&
            strcmp(section->title, name) == 0)
            return section;
    }
    return NULL;
}

/* Of a list, all items or none: those that were there before are the carrier's own. */
static bool says(const struct entry_section *section, size_t count, const struct entry *entry)
{
    for (size_t i = 0; i < count; i++)
        if (section->at[i].setting == entry->setting)
            return true;
    return false;
}

static void profile_apply(struct entry_section *carrier, const struct entry_section *profile)
{
    size_t own = carrier->count;
    for (size_t i = 0; i < profile->count; i++)
        if (!says(carrier, own, &profile->at[i]))
            entry_copy(carrier, &profile->at[i]);
}

void profiles_apply(struct entries *entries)
{
    for (size_t i = 0; i < entries->section_count; i++) {
        struct entry_section *section = &entries->sections[i];
        const struct entry *named =
            section->kind == SECTION_carrier ? entry_find(section, "profile") : NULL;
        const struct entry_section *profile =
            named == NULL ? NULL : profile_find(entries, named->text);
        if (profile != NULL)
            profile_apply(section, profile);
    }
}
