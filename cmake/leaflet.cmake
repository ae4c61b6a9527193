# Leaflet, which shows tiles in a browser, with its licence: sets GD_LEAFLET_FILES to NAME=FILE of each file, or to
# nothing where one is missing. -DGD_LEAFLET_ROOT=FOLDER is looked into first.
set(GD_LEAFLET_ROOT "" CACHE PATH "A folder with leaflet.js, leaflet.css and Leaflet's LICENSE")
set(places ${GD_LEAFLET_ROOT} ${GD_LEAFLET_ROOT}/dist /usr/share/javascript/leaflet /usr/share/nodejs/leaflet/dist
           /usr/lib/node_modules/leaflet/dist /usr/share/doc/libjs-leaflet)
find_file(GD_LEAFLET_SCRIPT NAMES leaflet.min.js leaflet.js PATHS ${places} NO_DEFAULT_PATH)
find_file(GD_LEAFLET_STYLE NAMES leaflet.css PATHS ${places} NO_DEFAULT_PATH)
find_file(GD_LEAFLET_LICENCE NAMES LICENSE copyright PATHS ${places} NO_DEFAULT_PATH)
set(GD_LEAFLET_FILES "")
if(GD_LEAFLET_SCRIPT AND GD_LEAFLET_STYLE AND GD_LEAFLET_LICENCE)
  set(GD_LEAFLET_FILES leaflet.js=${GD_LEAFLET_SCRIPT} leaflet.css=${GD_LEAFLET_STYLE}
                       leaflet-licence.txt=${GD_LEAFLET_LICENCE})
  message(STATUS "Folders for browsers: with Leaflet, ${GD_LEAFLET_SCRIPT}")
else()
  message(STATUS "Folders for browsers: none, since Leaflet was not found (Debian: libjs-leaflet)")
endif()
