/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does the controller take this frame? */
#include "net/engine/mac_filter.h"
#include "net/engine/iface.h"

#include <string.h>

enum { MAC = 6 };

/* Bits 47 to 36 of the address as it goes over the wire: RCTL.MO 0 of the 8254x. */
static unsigned hash_of(const uint8_t *mac) { return (unsigned)(mac[4] >> 4 | mac[5] << 4); }

static bool in_exact(const struct mac_filter *f, const uint8_t *mac) {
	for (unsigned i = 0; i < f->exact_count; i++)
		if (memcmp(f->exact[i], mac, MAC) == 0)
			return true;
	return false;
}

static void add_group(struct mac_filter *f, uint32_t group) {
	uint8_t mac[MAC];

	mac_of_group(mac, group);
	if (in_exact(f, mac))
		return;
	if (f->exact_count < MAC_FILTER_EXACT)
		memcpy(f->exact[f->exact_count++], mac, MAC);
	else
		f->hash[hash_of(mac) / 32] |= 1U << hash_of(mac) % 32;
}

void mac_filter_init(struct mac_filter *filter, const uint8_t station[6]) {
	memset(filter, 0, sizeof *filter);
	memcpy(filter->station, station, MAC);
}

void mac_filter_load(struct mac_filter *filter, const struct net_if *ifp) {
	struct net_if_config conf;

	net_if_get(ifp, &conf);
	mac_filter_init(filter, conf.mac);
	filter->promisc = conf.promisc;
	filter->allmulti = conf.allmulti;
	for (const struct net_group *g = net_group_next(ifp, NULL); g; g = net_group_next(ifp, g))
		add_group(filter, g->addr);
}

unsigned mac_filter_writes(const struct mac_filter *from, const struct mac_filter *to) {
	unsigned n = from->promisc != to->promisc || from->allmulti != to->allmulti;

	n += 2 * (memcmp(from->station, to->station, MAC) != 0);
	for (unsigned i = 0; i < MAC_FILTER_EXACT; i++)
		n += 2 * (memcmp(from->exact[i], to->exact[i], MAC) != 0);
	for (unsigned i = 0; i < MAC_FILTER_WORDS; i++)
		n += from->hash[i] != to->hash[i];
	return n;
}

bool mac_filter_takes(const struct mac_filter *filter, const struct frame *frame) {
	static const uint8_t broadcast[MAC] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	const uint8_t *dst = frame->bytes + frame->start;

	if (frame->len < MAC || filter->promisc)
		return true;
	if (!(dst[0] & 1))
		return memcmp(dst, filter->station, MAC) == 0;
	return filter->allmulti || memcmp(dst, broadcast, MAC) == 0 || in_exact(filter, dst) ||
	       (filter->hash[hash_of(dst) / 32] >> hash_of(dst) % 32 & 1);
}
