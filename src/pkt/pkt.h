/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sopsim pkt`: runs scripts in packetdrill's language against a simulated machine. */
#ifndef PKT_PKT_H
#define PKT_PKT_H

/* The command; argv[0] is its name.  0: no script failed, 1: some did, 2: bad usage. */
int command_pkt(int argc, char **argv);

/* What its --help prints. */
extern const char pkt_usage[];

#endif
