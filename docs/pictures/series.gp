set terminal svg size 900,520 font 'DejaVu Sans,12' background rgb 'white'
set output 'docs/pictures/series.svg'
set datafile separator ','
set key at screen 0.5,0.98 center top horizontal noenhanced
set multiplot
set lmargin 8; set rmargin 3; set grid y
set size 1,0.47; set origin 0,0.47
set ylabel 'busy, %'; set yrange [0:105]
plot 'results/web/series.csv' using 't_s':'server.cpu_total_pct' with steps lw 2 title 'server.cpu_total_pct', '' using 't_s':'toe0.busy_pct' with steps lw 2 title 'toe0.busy_pct', '' using 't_s':'pci0.busy_pct' with steps lw 2 title 'pci0.busy_pct'
set key at screen 0.5,0.475 center top horizontal noenhanced
set origin 0,0; set size 1,0.44
set ylabel 'how many'; set yrange [0:*]; set xlabel 'seconds'
plot 'results/web/series.csv' using 't_s':'server.run_queue_mean' with steps lw 2 title 'server.run_queue_mean', '' using 't_s':'pci0.toe0.command_ring_max' with steps lw 2 title 'pci0.toe0.command_ring_max', '' using 't_s':'toe0.accept_queue_mean' with steps lw 2 title 'toe0.accept_queue_mean'
