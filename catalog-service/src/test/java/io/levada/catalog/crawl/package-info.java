@NullMarked
package io.levada.catalog.crawl;

import org.jspecify.annotations.NullMarked;
