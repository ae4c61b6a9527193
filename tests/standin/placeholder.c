/* Until the first source is here. */
typedef int gd_standin_placeholder;
