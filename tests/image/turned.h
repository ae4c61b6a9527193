/* The orientations of EXIF, pixel by pixel. */
#ifndef GD_TESTS_IMAGE_TURNED_H
#define GD_TESTS_IMAGE_TURNED_H

/* Where pixel (y, x) of the upright picture is stored, of rows x cols as stored; the table of the standard.
 */
void stored_at(int orientation, int rows, int cols, int y, int x, int *r, int *c);

#endif
