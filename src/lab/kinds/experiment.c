/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [experiment NAME]: runs of several configs, at load points. */
#include "lab/kinds/kinds.h"

struct conf {
	char *title;
	char **configs;
	uint32_t *offered, *quick_offered; /* load points, requests per second */
	char *load;                        /* key that a load point sets */
	uint32_t *easy, *longer;           /* load points that need less, and more */
	unsigned repeat;                   /* seeds of each load point */
	bool enabled;
};

static const struct key keys[] = {
	K("title", TEXT, title, "name in figures"),
	K("enabled", BOOL, enabled, "no: it is left out"),
	NEED("configs", NAMES, configs, "config", "config groups that it runs"),
	K("load", TEXT, load, "GROUP.KEY that a load point sets, in /s"),
	K("offered", NUMBERS, offered, "load points, requests per second"),
	K("easy", NUMBERS, easy, "load points to which easy.GROUP.KEY applies"),
	K("long", NUMBERS, longer, "load points to which long.GROUP.KEY applies"),
	R("repeat", COUNT, repeat, 1, 1000,
          "runs of each load point that reproduce makes, a seed each"),
	K("quick_offered", NUMBERS, quick_offered, "load points of --quick"),
};

static void init(void *conf) {
	struct conf *c = conf;

	c->enabled = true;
	c->repeat = 1;
}

const struct kind kind_experiment = {
	.name = "experiment",
	.help = "runs of several configs",
	.named = true,
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
};
