/* profile: what a carrier takes over from the profile that it names: every key that the profile
 * says and the carrier itself doesn't. What a profile may say is setting's, and whether there is one
 * of that name is judge's. */
#ifndef CONFIG_PROFILE_H
#define CONFIG_PROFILE_H

#include "config/entry.h"

/* The entries keep their file and line, so that what is wrong is told where it stands. */
void profiles_apply(struct entries *entries);

#endif
