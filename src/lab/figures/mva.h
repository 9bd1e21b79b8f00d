/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exact mean value analysis of a closed queueing network with one class of customers: stations
 * with a queue, and one delay (Reiser and Lavenberg, "Mean-Value Analysis of Closed Multichain
 * Queuing Networks", JACM 27(2), 1980).
 */
#ifndef LAB_MVA_H
#define LAB_MVA_H

#define MVA_STATIONS 4

struct mva {
	unsigned stations;           /* 1..MVA_STATIONS */
	double demand[MVA_STATIONS]; /* seconds of each station that a customer's round takes */
	double think;                /* seconds of a round outside of all stations */
	double even;                 /* 0: pieces of work as in mva_solve(); 1: all of one size */
};

struct mva_result {
	double throughput; /* rounds per second */
	double response;   /* seconds of a round at the stations, queueing included */
	double utilisation[MVA_STATIONS]; /* 0..1 */
};

/*
 * The network with `customers` in it (>= 1).
 *
 * What an arrival waits for the piece of work that is under way is a whole one in the mean if their
 * sizes are exponential, and the analysis exact then; half of one if they are all alike, which is
 * Pollaczek's and Khinchine's wait when customers are many, and an approximation else.
 */
void mva_solve(const struct mva *net, unsigned customers, struct mva_result *result);

/* The think time with which that many customers reach `throughput`; NAN if they cannot. */
double mva_think(const struct mva *net, unsigned customers, double throughput);

#endif
