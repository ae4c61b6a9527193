typedef int gd_placeholder;
