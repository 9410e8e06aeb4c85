/* The places of one structure of libsmpp34, whose name is NAME: included once for each. Its tables are lists of
 * statements. */
#define FRAME_OF(name)    <libsmpp34/def_frame/name.frame>
#define JOINED(name, end) name##end
#define JOIN(name, end)   JOINED(name, end)
#define THEIRS            JOIN(NAME, _t)

static void JOIN(NAME, _places)(struct place *places)
{
#include FRAME_OF(NAME)
    places->kind = IS_END;
}

#undef FRAME_OF
#undef JOINED
#undef JOIN
#undef THEIRS
#undef NAME
