/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real kernel's end of a link, when `sopsim live` runs the scenario and ties it. */
#include "lab/kinds/kinds.h"
#include "lab/world/captures.h"

struct conf {
	char *device;               /* NULL: called as the group */
	struct net_address address; /* prefix 0: not to be set */
};

static const struct key keys[] = {
	K("device", TEXT, device, "TAP device; not given: called as the group"),
	K("address", NETWORK, address, "of the real machine on it"),
};

/* Told by the command that ties it. */
static const struct measured measures[] = {
	{.name = "rx_frames",
         .unit = "1",
         .help = "frames from the kernel",
         .adds = ADDS_SUM,
         .head = "from the kernel"},
	{.name = "rx_bytes", .unit = "B", .help = "of them", .adds = ADDS_SUM, .head = "of them"},
	{.name = "tx_frames",
         .unit = "1",
         .help = "frames to the kernel",
         .adds = ADDS_SUM,
         .head = "to the kernel"},
	{.name = "tx_bytes", .unit = "B", .help = "of them", .adds = ADDS_SUM, .head = "of them"},
	{.name = "rx_too_long",
         .unit = "1",
         .help = "frames from the kernel that no link takes",
         .adds = ADDS_SUM,
         .head = "too long"},
	{.name = "tx_refused",
         .unit = "1",
         .help = "frames that the kernel did not take",
         .adds = ADDS_SUM,
         .head = "refused"},
};

const struct kind kind_tap = {
	.name = "tap",
	.help = "a TAP device of this machine (sopsim live)",
	.title = "TAP devices",
	.is = "machine server endless",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.capture = captures_interface,
};
