/// Rules that the whole code base keeps.
@NullMarked
package io.levada.architecture;

import org.jspecify.annotations.NullMarked;
