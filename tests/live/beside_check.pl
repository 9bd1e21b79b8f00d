# SPDX-License-Identifier: GPL-3.0-or-later
#
# Reads a capture of what one end of a wire sent and received, and judges that end as a sender of TCP.
#     beside_check.pl CAPTURE ADDRESS RTO_MIN LAG
# ADDRESS is the end's own; RTO_MIN its smallest time-out and LAG by how much the capture's clock may be late, both in
# seconds.  Prints one line of figures; a line per fault on standard error, and exit
# status 1, if a rule of sub judge_* does not hold.
use strict;
use warnings;

use constant {FIN => 1, SYN => 2, RST => 4, ACK => 16};
use constant {
	RTO_FIRST => 3,    # RFC 6298 5.7, RFC 1122: without a sample; a kernel of today starts with 1 s
	RTO_MAX => 120,
	TICK => 0.02,      # of a clock that measures, of a timer, of a host at work
	IN_FLIGHT => 0.05, # what an end had on its way out when a reset came in
	PORTS => 10_000,   # from here on a real port tells how its connection ends
};

my ($file, $own, $rto_min, $lag) = @ARGV;
my %conn;
my ($faults, $last_date, $first_tcp, $last_tcp) = (0, 0);

sub fault {
	my ($c, $date, $what) = @_;
	printf STDERR "%s: %s: %.6f: %s\n", $file, $c->{name}, $date, $what if $faults++ < 20;
}

# Distance in sequence numbers.
sub diff { my $d = ($_[0] - $_[1]) & 0xffffffff; return $d > 0x7fffffff ? $d - 2**32 : $d }

# Resets are part of connections that beside_client.pl ends so: 3 and 5 by the client, 4 by the server.
sub may_reset {
	my ($c) = @_;
	my $real = $c->{sport} > $c->{dport} ? $c->{sport} : $c->{dport};
	return 0 if $real < PORTS || ($c->{sport} != 19 && $c->{sport} != 20 &&
		$c->{dport} != 19 && $c->{dport} != 20);
	my $way = $real % 6;
	return $c->{sport} == $real ? $way == 3 || $way == 5 : $way == 4;
}

# Out of LAST_ACK a connection is gone at once: what is late meets nobody, and is told so (RFC 793).
sub is_closed {
	my ($c) = @_;
	return defined $c->{fin} && $c->{una} >= $c->{fin} && $c->{closed_second};
}

# --- time -----------------------------------------------------------------------------------------

sub outstanding { my ($c) = @_; return $c->{una} < $c->{end} && $c->{edge} > $c->{una} }

# No estimator sets a longer time-out than SRTT + 4 RTTVAR with both at the longest round trip seen; and what the end
# saw of it, on a machine that was late, is longer by that than what the capture saw.
sub allowed {
	my ($c) = @_;
	my $rto = RTO_FIRST;
	if (defined $c->{rtt}) {
		my $rtt = $c->{rtt} + TICK + $lag;
		$rto = $rtt + (4 * $rtt > $rto_min ? 4 * $rtt : $rto_min);
	}
	$rto *= 2**$c->{backoff};
	return ($rto > RTO_MAX ? RTO_MAX : $rto) + TICK + $lag;
}

# A connection that has data on its way sends no such data, and has nothing acknowledged, for no longer
# than until its timer goes off; what else comes and goes meanwhile does not count.
sub judge_silence {
	my ($c, $date) = @_;
	return if !outstanding($c) || $c->{reset};
	my ($silence, $most) = ($date - $c->{moved}, allowed($c));
	@$c{qw(silence silence_most)} = ($silence, $most) if $silence > $c->{silence};
	fault($c, $date, sprintf 'silent for %.3f s, %.3f allowed', $silence, $most) if $silence > $most;
}

# --- what it sends --------------------------------------------------------------------------------

sub judge_reset {
	my ($c, $f) = @_;
	fault($c, $f->{date}, 'a reset where there is no reason for one')
		unless may_reset($c) || is_closed($c);
	fault($c, $f->{date}, 'a reset answers a reset')
		if defined $c->{reset_in} && $f->{date} > $c->{reset_in} + IN_FLIGHT + $lag;
	fault($c, $f->{date}, "a reset with a number of nobody's")
		unless $f->{at} == $c->{end} || $c->{acks}{$f->{at}};
	$c->{resets}++;
	$c->{reset} = $c->{reset_out} = 1;
}

sub judge_order {
	my ($c, $f, $end) = @_;
	fault($c, $f->{date}, 'sends after its reset') if $c->{reset_out};
	fault($c, $f->{date}, 'sends after a reset came')
		if defined $c->{reset_in} && $f->{date} > $c->{reset_in} + IN_FLIGHT + $lag;
	if ($f->{flags} & FIN) {
		fault($c, $f->{date}, 'a second FIN elsewhere') if defined $c->{fin} && $c->{fin} != $end;
		$c->{fin} = $end;
		$c->{closed_second} //= defined $c->{fin_in} && $c->{next} >= $c->{fin_in} ? 1 : 0;
		fault($c, $f->{date}, 'a FIN before data') if $c->{end} > $end;
	}
	fault($c, $f->{date}, 'data behind its FIN') if defined $c->{fin} && $end > $c->{fin};
	fault($c, $f->{date}, 'beyond the window') if $end > 1 && $end > $c->{edge} + 1;
	return unless $f->{flags} & ACK;
	my $ack = diff($f->{ack}, $c->{irs} // $f->{ack});
	fault($c, $f->{date}, 'acknowledges what has not come') if $ack > ($c->{next} // 0);
	fault($c, $f->{date}, 'takes back an acknowledgement') if $ack < ($c->{acked} // 0);
	$c->{acked} = $ack;
}

sub sent {
	my ($c, $f) = @_;
	if (!defined $c->{iss}) {
		return fault($c, $f->{date}, 'begins without a SYN') unless $f->{flags} & SYN;
		$c->{iss} = $f->{seq};
		$c->{scale_own} = $f->{scale};
	}
	$f->{at} = diff($f->{seq}, $c->{iss});
	return judge_reset($c, $f) if $f->{flags} & RST;
	my $end = $f->{at} + $f->{len} + ($f->{flags} & SYN ? 1 : 0) + ($f->{flags} & FIN ? 1 : 0);
	judge_order($c, $f, $end);
	$c->{stamps}{$f->{tsval}} //= $f->{date} if defined $f->{tsval};
	return if $end == $f->{at};
	my $again = $f->{at} < $c->{end};
	if ($again) {
		$c->{again}++;
		$c->{timeouts}++, $c->{backoff}++
			if $f->{at} <= $c->{una} && $f->{date} - $c->{moved} > 0.9 * $rto_min;
	}
	$c->{first} //= $f->{date} if $f->{len};
	push @{$c->{flight}}, [$end, $f->{date}, $again];
	$_->[0] > $f->{at} and $_->[2] = 1 for $again ? @{$c->{flight}} : ();
	$c->{end} = $end if $end > $c->{end};
	$c->{moved} = $f->{date};
}

# --- what it receives -----------------------------------------------------------------------------

# A round trip: by time-stamp, else of segments that were sent once (Karn).
sub measure {
	my ($c, $f) = @_;
	my ($from, $doubt);
	while (@{$c->{flight}} && $c->{flight}[0][0] <= $c->{una}) {
		my $segment = shift @{$c->{flight}};
		my (undef, $date, $again) = @$segment;
		$doubt ||= $again;
		$from //= $date;
	}
	if (defined $f->{tsecr} && defined $c->{stamps}{$f->{tsecr}}) {
		$from = $c->{stamps}{$f->{tsecr}};
	} elsif ($doubt || !defined $from) {
		return;
	}
	my $rtt = $f->{date} - $from;
	$c->{rtt} = $rtt if $rtt > ($c->{rtt} // 0);
	$c->{backoff} = 0;
}

# Up to where everything has come.
sub note_received {
	my ($c, $at, $end) = @_;
	my @kept;
	return if $end <= $c->{next};
	for my $range (sort { $a->[0] <=> $b->[0] } @{$c->{early}}, [$at, $end]) {
		if ($range->[0] > $c->{next}) { push @kept, $range }
		elsif ($range->[1] > $c->{next}) { $c->{next} = $range->[1] }
	}
	$c->{early} = \@kept;
}

sub received {
	my ($c, $f) = @_;
	if ($f->{flags} & SYN) {
		$c->{irs} //= $f->{seq};
		$c->{scale} = $f->{scale};
		$c->{next} //= 0;
	}
	return unless defined $c->{irs};
	my $at = diff($f->{seq}, $c->{irs});
	if ($f->{flags} & RST) {
		$c->{reset_in} //= $f->{date};
		$c->{reset} = 1;
		return;
	}
	$c->{fin_in} = $at + $f->{len} + 1 if $f->{flags} & FIN;
	note_received($c, $at, $at + $f->{len} + ($f->{flags} & SYN ? 1 : 0) + ($f->{flags} & FIN ? 1 : 0));
	return unless $f->{flags} & ACK && defined $c->{iss};
	my $ack = diff($f->{ack}, $c->{iss});
	my $scale = !($f->{flags} & SYN) && defined $c->{scale} && defined $c->{scale_own} ? $c->{scale} : 0;
	my $edge = $ack + ($f->{win} << $scale);
	$c->{acks}{$ack} = 1;
	@$c{qw(edge moved)} = ($edge, $f->{date}) if $edge > $c->{edge} && !outstanding($c);
	$c->{edge} = $edge if $edge > $c->{edge};
	return if $ack <= $c->{una} || $ack > $c->{end};
	$c->{una} = $ack;
	$c->{done} = $c->{moved} = $f->{date};
	measure($c, $f);
}

# --- frames ---------------------------------------------------------------------------------------

sub options {
	my ($f, $bytes) = @_;
	while (length $bytes) {
		my $kind = ord $bytes;
		last if $kind == 0;
		if ($kind == 1) { substr($bytes, 0, 1, ''); next }
		my $len = ord substr $bytes, 1, 1;
		last if $len < 2;
		$f->{scale} = ord substr $bytes, 2, 1 if $kind == 3;
		@$f{qw(tsval tsecr)} = unpack 'x2NN', $bytes if $kind == 8;
		substr $bytes, 0, $len, '';
	}
}

sub frame {
	my ($date, $bytes) = @_;
	return unless unpack('x12n', $bytes) == 0x0800 && unpack('x23C', $bytes) == 6;
	my ($ihl, $total) = unpack 'x14Cxn', $bytes;
	my $ip = substr $bytes, 14, $total;
	my $tcp = substr $ip, 4 * ($ihl & 15);
	my %f = (date => $date, from => join('.', unpack 'x12C4', $ip));
	my ($sport, $dport, $off);
	($sport, $dport, @f{qw(seq ack)}, $off, @f{qw(flags win)}) = unpack 'nnNNCCn', $tcp;
	$f{len} = length($tcp) - 4 * ($off >> 4);
	options(\%f, substr $tcp, 20, 4 * ($off >> 4) - 20);
	my $mine = $f{from} eq $own;
	($sport, $dport) = ($dport, $sport) unless $mine;
	my $c = $conn{"$sport-$dport"} //= {name => "$sport-$dport", sport => $sport, dport => $dport,
		una => 0, end => 0, edge => 1, backoff => 0, silence => 0, silence_most => 0, again => 0,
		timeouts => 0, resets => 0, flight => [], early => [], acks => {}, moved => $date};
	$first_tcp //= $last_tcp = $date;
	$last_tcp = $date;
	judge_silence($c, $date);
	$mine ? sent($c, \%f) : received($c, \%f);
}

sub read_capture {
	open my $in, '<:raw', $file or die "$file: $!\n";
	read($in, my $head, 24);
	unpack('V', $head) == 0xa1b23c4d or die "$file: not a capture in nanoseconds\n";
	while (read($in, my $record, 16) == 16) {
		my ($s, $ns, $len) = unpack 'VVV', $record;
		read($in, my $bytes, $len);
		$last_date = $s + $ns / 1e9;
		frame($last_date, $bytes);
	}
}

# --- the end --------------------------------------------------------------------------------------

# A FIN is acknowledged, or its connection reset; or its timer is still running.
sub judge_end {
	my ($c) = @_;
	judge_silence($c, $last_date);
	fault($c, $last_date, 'its FIN was not acknowledged')
		if defined $c->{fin} && $c->{una} < $c->{fin} && !$c->{reset}
		&& $last_date - $c->{moved} > allowed($c);
	fault($c, $last_date, 'is open yet') unless defined $c->{fin} || $c->{reset};
}

read_capture();
die "$file: no connection\n" unless %conn;
my ($again, $timeouts, $resets, $bytes, $seconds, $worst) = (0) x 5;
for my $c (values %conn) {
	judge_end($c);
	$again += $c->{again};
	$timeouts += $c->{timeouts};
	$resets += $c->{resets};
	$worst = $c if !$worst || $c->{silence} > $worst->{silence};
	next unless $c->{first} && $c->{done} && $c->{done} > $c->{first};
	$bytes += $c->{end} - 2;
	$seconds += $c->{done} - $c->{first};
}
printf "%d %.1f %d %d %d %.0f %.0f %d %.3f\n", scalar keys %conn,
	$seconds ? $bytes * 8e-6 / $seconds : 0, $again, $timeouts, $resets, $worst->{silence} * 1000,
	$worst->{silence_most} * 1000, $faults, $last_tcp - $first_tcp;
exit($faults ? 1 : 0);
