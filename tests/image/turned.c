/* The orientations of EXIF, pixel by pixel. */
#include "turned.h"

void stored_at(int orientation, int rows, int cols, int y, int x, int *r, int *c)
{
    switch (orientation) {
    case 1:
        *r = y, *c = x;
        break;
    case 2:
        *r = y, *c = cols - 1 - x;
        break;
    case 3:
        *r = rows - 1 - y, *c = cols - 1 - x;
        break;
    case 4:
        *r = rows - 1 - y, *c = x;
        break;
    case 5:
        *r = x, *c = y;
        break;
    case 6:
        *r = rows - 1 - x, *c = y;
        break;
    case 7:
        *r = rows - 1 - x, *c = cols - 1 - y;
        break;
    default:
        *r = x, *c = cols - 1 - y;
        break;
    }
}
