@NullMarked
package io.levada.catalog.commit;

import org.jspecify.annotations.NullMarked;
