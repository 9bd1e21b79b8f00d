/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How is a picture written as SVG? */
#include "lab/figures/svg.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* The colours are those of sweeps' figures; what stands on them is dark or white, whichever reads better. */
const char svg_rules[] =
	"." SVG_CLASS "{background:#fff}"
	"." SVG_CLASS
	" text{font-family:'DejaVu Sans',Verdana,sans-serif;font-size:13px;fill:#1a1d21}"
	"." SVG_CLASS " text.small{font-size:11px;fill:#4d545c}"
	"." SVG_CLASS " text.strong{font-weight:bold}"
	"." SVG_CLASS " text.on{font-size:11px;fill:#fff}"
	"." SVG_CLASS " .axis{stroke:#6b737c;stroke-width:1}"
	"." SVG_CLASS " .grid{stroke:#dfe3e8;stroke-width:1}"
	"." SVG_CLASS " .error{stroke:#1a1d21;stroke-width:1.3}"
	"." SVG_CLASS " .c0,." SVG_CLASS " .c1,." SVG_CLASS " .c2,." SVG_CLASS " .c3,." SVG_CLASS
	" .c4,." SVG_CLASS " .c5{fill:none;stroke:#0072b2;stroke-width:1.4}"
	"." SVG_CLASS " .c1{stroke:#b35000;stroke-dasharray:6 2}"
	"." SVG_CLASS " .c2{stroke:#00705a;stroke-dasharray:2 2}"
	"." SVG_CLASS " .c3{stroke:#8c4a73;stroke-dasharray:9 2 2 2}"
	"." SVG_CLASS " .c4{stroke:#6b5b00;stroke-dasharray:4 4}"
	"." SVG_CLASS " .c5{stroke:#2f6d95;stroke-dasharray:1 3}"
	"." SVG_CLASS " .early{fill:#eef0f3}." SVG_CLASS " .mask{fill:#fff}"
	/* A plot is stretched along its time alone. */
	"." SVG_CLASS " .plot *{vector-effect:non-scaling-stroke}"
	"." SVG_CLASS " .cursor{stroke:#1a1d21;stroke-width:1}"
	"." SVG_CLASS " .s0{fill:#0072b2}." SVG_CLASS " .s1{fill:#b35000}"
	/* Layers, as layer_looks[] has them. */
	"." SVG_CLASS " .l0{fill:#56799c}." SVG_CLASS " .l1{fill:#c2570c}." SVG_CLASS
	" .l2{fill:#004c7f}"
	"." SVG_CLASS " .l3{fill:#7a5fb0}." SVG_CLASS " .l4{fill:#6f6f6f}." SVG_CLASS
	" .l5{fill:#a8326e}"
	"." SVG_CLASS " .l6{fill:#00734f}." SVG_CLASS " .l7{fill:#d5d9de}";

struct svg {
	GString *out;
};

/* --- text ------------------------------------------------------------------------------------- */

static const char *entity_of(gunichar c) {
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return NULL;
	}
}

/* XML 1.0 has no way to say control characters. */
static gboolean is_of_xml(gunichar c) {
	return c == '\t' || c == '\n' ||
	       (c >= 0x20 && c != 0x7f && (c < 0x80 || c >= 0xa0) && c != 0xfffe && c != 0xffff);
}

void svg_escape(GString *out, const char *text) {
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		const char *entity = entity_of(c);

		if (entity)
			g_string_append(out, entity);
		else
			g_string_append_unichar(out, is_of_xml(c) ? c : 0xfffd);
	}
}

/* --- shapes ----------------------------------------------------------------------------------- */

/* The same on any machine, with a hundredth of a pixel. */
static void put_number(GString *out, const char *name, double value) {
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(out, " %s=\"%s\"", name,
	                       g_ascii_formatd(text, sizeof text, "%.2f", value));
}

struct svg *svg_new(double width, double height, const char *title, const char *text,
                    gboolean rules) {
	struct svg *svg = g_new0(struct svg, 1);
	GString *out = svg->out =
		g_string_new("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\""
	                     " class=\"" SVG_CLASS "\"");

	g_string_append_printf(
		out, " width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\">\n<title>", width,
		height, width, height);
	svg_escape(out, title);
	g_string_append(out, "</title>\n<desc>");
	svg_escape(out, text);
	g_string_append(out, "</desc>\n");
	if (rules)
		g_string_append_printf(out,
		                       "<style>%s</style>\n<rect width=\"100%%\" height=\"100%%\" "
		                       "fill=\"#fff\"/>\n",
		                       svg_rules);
	return svg;
}

void svg_rect(struct svg *svg, double x, double y, double width, double height, const char *look,
              const char *tip) {
	g_string_append_printf(svg->out, "<rect class=\"%s\"", look);
	put_number(svg->out, "x", x);
	put_number(svg->out, "y", y);
	put_number(svg->out, "width", width);
	put_number(svg->out, "height", height);
	if (!tip) {
		g_string_append(svg->out, "/>\n");
		return;
	}
	g_string_append(svg->out, "><title>");
	svg_escape(svg->out, tip);
	g_string_append(svg->out, "</title></rect>\n");
}

void svg_line(struct svg *svg, double x1, double y1, double x2, double y2, const char *look) {
	g_string_append_printf(svg->out, "<line class=\"%s\"", look);
	put_number(svg->out, "x1", x1);
	put_number(svg->out, "y1", y1);
	put_number(svg->out, "x2", x2);
	put_number(svg->out, "y2", y2);
	g_string_append(svg->out, "/>\n");
}

void svg_path(struct svg *svg, const double *x, const double *y, guint n, const char *look) {
	bool begun = false;

	g_string_append_printf(svg->out, "<path class=\"%s\" d=\"", look);
	for (guint i = 0; i < n; i++) {
		char at[2][G_ASCII_DTOSTR_BUF_SIZE];
		bool there = isfinite(x[i]) && isfinite(y[i]);

		if (there)
			g_string_append_printf(svg->out, "%c%s %s", begun ? 'L' : 'M',
			                       g_ascii_formatd(at[0], sizeof at[0], "%.1f", x[i]),
			                       g_ascii_formatd(at[1], sizeof at[1], "%.1f", y[i]));
		begun = there;
	}
	g_string_append(svg->out, "\"/>\n");
}

void svg_group(struct svg *svg, const char *look, const char *more) {
	g_string_append_printf(svg->out, "<g class=\"%s\"%s>\n", look, more);
}

void svg_ungroup(struct svg *svg) { g_string_append(svg->out, "</g>\n"); }

void svg_text(struct svg *svg, double x, double y, char anchor, const char *look,
              const char *text) {
	g_string_append(svg->out, "<text");
	if (*look)
		g_string_append_printf(svg->out, " class=\"%s\"", look);
	put_number(svg->out, "x", x);
	put_number(svg->out, "y", y);
	if (anchor != 's')
		g_string_append_printf(svg->out, " text-anchor=\"%s\"",
		                       anchor == 'm' ? "middle" : "end");
	g_string_append_c(svg->out, '>');
	svg_escape(svg->out, text);
	g_string_append(svg->out, "</text>\n");
}

GString *svg_end(struct svg *svg) {
	GString *out = svg->out;

	g_string_append(out, "</svg>\n");
	g_free(svg);
	return out;
}
