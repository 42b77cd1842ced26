SELECT product, sum(total_value) AS total_value
FROM curated.processed_sales
GROUP BY product
ORDER BY total_value DESC
