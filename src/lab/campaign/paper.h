/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The paper's numbers, and the numbers that a reproduction puts beside them.
 */
#ifndef LAB_PAPER_H
#define LAB_PAPER_H

#include "lab/base/stats.h"
#include "lab/campaign/plan.h"

/* Table 1. */
struct paper_case {
	const char *config, *number, *stack;
	bool sop;
	double paper_us;
	const char *role;
};
#define PAPER_CASES 4
extern const struct paper_case paper_cases[PAPER_CASES];
/* Of several seeds, all estimates of a point are of their mean, over seeds; of one, the run's own. */
struct estimate paper_latency(const struct plan *plan, unsigned i); /* of paper_cases[i] */

/* Figures 5 and 6. */
struct paper_curve {
	const char *config, *label;
	double paper_plateau;                    /* requests/s: 700, +28 %, +26 % */
	double paper_total_pct;                  /* of the host's CPU */
	double paper_user_pct, paper_system_pct; /* its parts; NAN: the paper does not tell */
	const char *role;                        /* of the total */
	const char *plateau_claim, *total_claim;
};
#define PAPER_CURVES 3
enum { CURVE_LEGACY, CURVE_OFFLOAD, CURVE_OFFLOAD_SOP };
extern const struct paper_curve paper_curves[PAPER_CURVES];

/* Throughput of the i-th load point of a curve; false past the end. */
bool paper_point(const struct plan *plan, unsigned curve, unsigned i, unsigned *offered,
                 struct estimate *throughput);
/* Whether a run of that point, in any of its seeds, is none to rely on. */
bool paper_point_failed(const struct plan *plan, unsigned curve, unsigned i);
/* Mean over the points at which a curve is flat: offered at least 1.15 times its maximum. */
struct estimate paper_plateau(const struct plan *plan, unsigned curve);
/* "user", "system" or "total" per cent of the host's CPU at Fig. 6's point.  Of four seeds and more, what their
 * luck with the sizes of files did is taken off: clients.imbalance is the control. */
struct estimate paper_cpu(const struct plan *plan, unsigned curve, const char *part);

/* Judged with the interval: it is inside of the tolerance, outside, or across its end; without an interval,
 * nothing is decided. */
enum claim_verdict { CLAIM_HOLDS, CLAIM_FAILS, CLAIM_UNDECIDED, CLAIM_VERDICTS };
extern const char *const claim_words[CLAIM_VERDICTS]; /* "holds", "does not hold", "undecided" */

/* A number of the paper, and whether it came out. */
struct claim {
	const char *name;
	double paper, tolerance;
	/* "calibrated": a parameter is fitted to it.  "chosen": none is, but the machine is one of
	 * those that had it, or what it follows from, in short runs.  "predicted": neither.
	 * "consistency": follows from calibrated numbers by how the model is built, so that its
	 * holding is no evidence; not counted among the predictions. */
	const char *role;
	struct estimate simulated;
	enum claim_verdict verdict; /* of |simulated - paper| <= tolerance */
};
#define PAPER_CLAIMS 20
/* Fills in all of them; returns how many fail: a number that is missing does. */
unsigned paper_claims(const struct plan *plan, struct claim claims[PAPER_CLAIMS]);
/* The one of a name, which there is. */
const struct claim *paper_claim(const struct claim claims[PAPER_CLAIMS], const char *name);

#endif
