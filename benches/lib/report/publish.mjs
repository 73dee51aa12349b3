export async function publish(results) {
  console.log(JSON.stringify(results, (key, value) => (key === "times" ? undefined : value), 1));
}
