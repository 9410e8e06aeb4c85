#include "outbound/route.h"

#include "consent/program.h"

struct carrier *route_find(struct carriers *carriers, const struct program *program)
{
    const struct config_list *names = &program->config->carriers;
    for (size_t i = 0; i < names->count; i++) {
        struct carrier *carrier = carriers_find(carriers, names->at[i]);
        if (carrier != NULL && carrier_is_up(carrier))
            return carrier;
    }
    return NULL;
}

const char *route_name(struct carriers *carriers, const struct program *program)
{
    const struct carrier *carrier = route_find(carriers, program);
    return carrier == NULL ? "" : carrier_name(carrier);
}
